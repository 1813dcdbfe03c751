package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func evalOnce[T any](b *tab, expression string) (T, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
}

// All of it works for visitors without scripts.
func TestBrowserPages_WithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "12s")
	b := open(t, s, 60*time.Second)
	b.withoutScript()
	b.open("/get/")
	b.shows(noneTitle)
	b.open("/")
	b.shows("You have no session")
	b.do("type a name", chromedp.SetValue(chromedp.CSS("input[name=name]"), "Pema"))
	b.click("form[action='/set/'] button")
	b.shows(setTitle, "Pema", "Without JavaScript")
	b.click(`a.button[href^="/get/"]`)
	b.shows(getTitle, "Pema", "12 seconds", "Without JavaScript", "UTC")
	b.click(`.hint a[href^="/get/"]`) // Stay
	b.shows(getTitle, "Pema")
	b.click("main form.row[action='/del/'] button")
	b.shows(delTitle)
	b.open("/get/")
	b.shows(deletedTitle)
}

// Without scripts, too, a visitor learns that the session ended: the page moves by
// itself to one that only peeks.
func TestBrowserPages_EndedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "6s")
	b := open(t, s, 60*time.Second)
	b.withoutScript()
	b.open("/set/")
	b.open("/get/")
	b.shows(getTitle)
	b.leaves(getTitle, 20*time.Second)
	b.arrives(endedTitle)
	b.shows("A session expires after")
	b.forgive("NavigationEntryMarkedSkippable") // the browser reports a page that leaves by itself
}

// Going back to a page of an ended session shows none of its content.
func TestBrowserPages_BackButton(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	b := open(t, s, 60*time.Second)
	b.open("/set/?name=Pema")
	b.open("/get/")
	b.shows(getTitle, "Pema")
	b.click("main form.row[action='/del/'] button")
	b.shows(delTitle)
	b.do("go back", chromedp.NavigateBack())
	b.leaves(delTitle, 5*time.Second)
	b.arrives(deletedTitle)
	if h1, text := b.heading(), b.text(); h1 == getTitle || strings.Contains(text, "Pema") {
		t.Errorf("going back shows the session that was deleted:\n%s", text)
	}
}

// A name that looks like markup is shown as text.
func TestBrowserPages_HostileName(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := open(t, s, 60*time.Second)
	for _, name := range []string{`<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, `</title></bdi></p>`} {
		b.open("/del/")
		b.open("/")
		b.do("type a name", chromedp.SetValue(chromedp.CSS("input[name=name]"), name))
		b.click("form[action='/set/'] button")
		b.shows(setTitle, name)
		b.open("/get/")
		b.shows(name)
		b.open("/")
		b.shows(name)
	}
}

// A link on another site asks first; a form on another site is refused.
func TestBrowserPages_FromAnotherSite(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	b := open(t, s, 60*time.Second)
	b.open("/set/?name=Pema")
	elsewhere := "data:text/html,<!DOCTYPE html><a href='" + s.url + "/del/'>a prize</a><form method=post action='" + s.url + "/del/'><button>win</button></form>"
	b.do("visit another site", chromedp.Navigate(elsewhere))
	b.click("a")
	b.shows("Delete your session?", "Another site may have sent you here")
	b.shoot("confirm")
	b.open("/")
	b.shows("Your session is live", "Pema")

	b.do("visit another site", chromedp.Navigate(elsewhere))
	b.click("button")
	b.shows("Another site sent this request")
	b.forgive("status of 403")
	b.open("/")
	b.shows("Your session is live", "Pema")

	b.do("visit another site", chromedp.Navigate(elsewhere))
	b.click("a")
	b.click("main form.row[action='/del/'] button")
	b.shows(delTitle)
	b.open("/get/")
	if text := b.text(); strings.Contains(text, "Pema") {
		t.Errorf("the button on our own page deletes nothing:\n%s", text)
	}
}
