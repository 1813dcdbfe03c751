package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// now returns the state and the name of the visitor's session.
func (b *tab) now() string {
	b.t.Helper()
	return eval[string](b, `fetch('/session/').then((a) => a.json()).then((s) => s.state + ' ' + s.name)`)
}

// travels goes back, or forward, to a page with this heading.
func (b *tab) travels(step chromedp.Action[chromedp.Void], h1 string) {
	b.t.Helper()
	b.do("go through the history", step)
	b.arrives(h1)
}

// /set/ is opened from the address bar. Back and Forward come to a page that looks at the
// session: they neither rename it nor begin another.
func TestBrowserBack_ToSet(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/nope")
	b.open("/set/?name=Pema")
	b.arrives(setTitle)
	b.travels(chromedp.NavigateBack(), "Page not found")
	b.forgive("status of 404")
	b.s.post("/set/", cookie(b.id()), named("Sonam"))
	b.travels(chromedp.NavigateForward(), getTitle)
	b.shows("Sonam")
	if now := b.now(); now != "live Sonam" {
		t.Errorf("after Forward the session is %s; want live Sonam", now)
	}
	b.click("main form.row[action='/del/'] button")
	b.arrives(delTitle)
	b.travels(chromedp.NavigateBack(), deletedTitle)
	if now := b.now(); now != "none " {
		t.Errorf("after Back the session is %s; want none", now)
	}
}

// The same for the page after a form.
func TestBrowserBack_ToAPostedSet(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/get/")
	b.click("main button.main")
	b.arrives(setTitle)
	b.open("/del/")
	b.travels(chromedp.NavigateBack(), deletedTitle)
	if now := b.now(); now != "none " {
		t.Errorf("after Back the session is %s; want none", now)
	}
}
