package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// keepLast keeps a page's content and title at the moment when it leaves.
const keepLast = `addEventListener('pagehide', () => sessionStorage.setItem('last', document.title + document.documentElement.outerHTML +
  (document.querySelector('session-clock')?.shadowRoot?.querySelector('dialog').open ? 'dialog open' : '') +
  [...document.querySelectorAll('input')].map((e) => e.value).join()));`

// Private content, fields included, is removed before the ended page comes. That page
// has none, and going back shows none.
func TestBrowserEnd_NothingPrivate(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/get/", "/", "/set/?name=Pema"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--idle-timeout", "8s")
			b := open(t, s, 2*time.Minute)
			b.before(keepLast)
			b.open("/set/?name=Pema")
			b.open(path)
			b.arrives(endedTitle)
			last := eval[string](b, `sessionStorage.getItem('last')`)
			if !strings.Contains(last, "<h1>") || strings.Contains(last, "Pema") || strings.Contains(last, "dialog open") {
				t.Errorf("the page left with the name, or the open dialog:\n%s", last)
			}
			if now := eval[string](b, `document.title + document.documentElement.outerHTML`); strings.Contains(now, "Pema") {
				t.Errorf("the ended page has the name:\n%s", now)
			}
			b.shows("It had no visit for")
			_, _ = evalOnce[bool](b, `(history.back(), true)`) // the page leaves before it can answer
			time.Sleep(time.Second)
			if now := b.now(); now != "none " {
				t.Errorf("going back begins a session: %s:\n%s", now, b.text())
			}
		})
	}
}

// A page out of the back-forward cache is covered until the server says that its
// session is live.
func TestBrowserEnd_OutOfTheCache(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "5m"))
	hidden := `getComputedStyle(document.querySelector('.name')).visibility === 'hidden'`
	if covered := eval[bool](b, `(dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true})), `+hidden+`)`); !covered {
		t.Error("a page that goes into the cache shows the name")
	}
	b.s.post("/del/", cookie(b.id()))
	eval[bool](b, `(dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true})), true)`)
	b.arrives(deletedTitle)
}

// id returns the session id in the browser's cookie.
func (b *tab) id() string {
	b.t.Helper()
	got, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.s.url + "/"}})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range got.Cookies {
		if c.Name == "sessionid" {
			return c.Value
		}
	}
	b.t.Fatal("the browser has no session cookie")
	return ""
}

// A tab that slept through the end goes to the ended page when it wakes.
func TestBrowserEnd_WakesAfterIt(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "8s"))
	b.lifecycle(page.SetWebLifecycleStateStateFrozen)
	time.Sleep(9 * time.Second)
	b.lifecycle(page.SetWebLifecycleStateStateActive)
	if _, err := chromedp.Call(b.ctx, page.BringToFront, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	b.arrives(endedTitle)
	b.shows("It had no visit for")
}

// An answer that the page reads only after the end, as one that was frozen does, starts no new
// count: the page does not say that the session was extended.
func TestBrowserEnd_AnswerReadAfterIt(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "8s"))
	eval[bool](b, `(addEventListener('session-extended', () => sessionStorage.setItem('extended', 'yes')), self.real = self.fetch, self.fetch = async (...all) => {
  self.fetch = real;
  const answer = await real(...all);
  await new Promise((done) => { self.released = done; });
  return answer;
}, dispatchEvent(new Event('online')), true)`)
	b.until("an answer from before the end", `self.released`)
	b.until("the end", state("unsure"))
	b.pause() // the browser drops the cookie
	eval[bool](b, `(released(), true)`)
	b.arrives(endedTitle)
	b.shows("It had no visit for")
	if eval[bool](b, `sessionStorage.getItem('extended') !== null`) {
		t.Error("the page takes the session that has ended for an extended one")
	}
}

// An answer whose body never comes, as after a freeze, does not hold the page up.
func TestBrowserEnd_BodyThatNeverComes(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "8s"))
	eval[bool](b, `(self.real = self.fetch, self.fetch = async (url, options) => {
  self.fetch = real;
  const body = new ReadableStream({ start: (it) => options.signal.addEventListener('abort', () => it.error(options.signal.reason)) });
  return new Response(body);
}, dispatchEvent(new Event('online')), true)`)
	b.arrives(endedTitle)
}

// lifecycle freezes the tab, or wakes it.
func (b *tab) lifecycle(state page.SetWebLifecycleStateState) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state})
	if err != nil {
		b.t.Fatalf("lifecycle %s: %v", state, err)
	}
}
