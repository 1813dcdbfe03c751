package e2e

import (
	"testing"
	"time"
)

// A visitor chooses 200 s. Every page then counts from there, also after a restart of
// the server.
func TestBrowserTimeout_KeptOverARestart(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := live(t, s)
	b.click(`button[name=timeout][value="200"]`)
	b.shows(getTitle, "200 seconds")
	if left := b.left(); left < 170_000 || left > 200_000 {
		t.Errorf("%v ms are left; want about 200 s", left)
	}
	s.stop()
	again := launch(t, s.dir, command("--addr", s.addr, "--data-dir", s.dir))
	b.open("/")
	b.shows("Your session is live", "Pema")
	if left := b.left(); left < 150_000 || left > 200_000 {
		t.Errorf("after the restart %v ms are left; want about 200 s", left)
	}
	b.open("/get/")
	b.shows("200 seconds")
	again.stop()
	b.forgive("status of 503", "ERR_CONNECTION_REFUSED")
}

// All tabs show the timeout that one tab chooses, and the warning comes when half of it is
// left.
func TestBrowserTimeout_WarnsBeforeTheNewEnd(t *testing.T) {
	t.Parallel()
	a := live(t, start(t, "--idle-timeout", "8s"))
	b := a.another()
	b.open("/get/")
	b.click(`button[name=timeout][value="24"]`)
	a.until("the choice in the other tab", `document.querySelector('[data-age]').textContent === '24 seconds' && document.querySelector('[value="24"]').getAttribute('aria-current') === 'true'`)
	a.opensAt(12 * time.Second)
}
