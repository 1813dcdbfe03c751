package e2e

import (
	"strings"
	"testing"
)

const (
	hiddenName = `getComputedStyle(document.querySelector('.name')).visibility === 'hidden'`
	lostNotice = "Cannot reach the server; your session may have ended."
)

// While the server is out of reach, the page leaves open whether the session ended. At
// 0 it hides private content. When the server is back, and another tab has extended
// the session, the page goes on.
func TestBrowserOffline_ComesBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := live(t, s)
	b.screen(390, 844, "light")
	other := b.another()
	other.open("/get/")
	b.offline(true)
	b.until("the notice", notice+`.innerText.trim() === '`+lostNotice+`'`)
	b.shows("Pema", "live")
	for i := 0; !eval[bool](b, hiddenName); i++ {
		if i > 20 {
			t.Fatal("the name is still shown")
		}
		other.open("/get/") // extends the session, and the browser's cookie
		b.pause()
	}
	b.shows(lostNotice, "not known", "?")
	if text := b.text(); strings.Contains(text, "Pema") || strings.Contains(text, "Expired") || strings.Contains(text, "live\n") {
		t.Errorf("at 0 without a server the page shows:\n%s", text)
	}
	b.shoot("offline-phone-light")
	b.axe("offline")
	b.screen(1280, 800, "dark")
	b.shoot("offline-desktop-dark")
	other.open("/get/")
	b.offline(false)
	b.until("the page goes on", `!(`+hiddenName+`) && `+notice+`.hidden`)
	b.shows("Pema", "live")
	b.agrees()
	b.forgive("ERR_INTERNET_DISCONNECTED")
}

// When the server comes back after the end, the page says that it ended.
func TestBrowserOffline_EndsMeanwhile(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "10s"))
	b.offline(true)
	b.until("the name is covered", hiddenName)
	b.shows(lostNotice)
	b.offline(false)
	b.arrives(endedTitle)
	b.forgive("ERR_INTERNET_DISCONNECTED")
}

// The same happens while the server is stopped.
func TestBrowserOffline_ServerStopped(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "10s"))
	b.s.stop()
	b.until("the name is covered", hiddenName)
	b.until("the notice", notice+`.innerText.trim() === '`+lostNotice+`'`)
	if text := b.text(); strings.Contains(text, "Expired") || strings.Contains(text, "Pema") {
		t.Errorf("a page without a server shows:\n%s", text)
	}
	b.forgive("ERR_CONNECTION_REFUSED", "status of 503") // the latter from a server that stops
}
