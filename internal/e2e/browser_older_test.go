package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"pagesession/internal/testkit"
)

// noDialog makes a dialog an unknown element, which a browser shows unless it is hidden.
const noDialog = `const html = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, 'innerHTML');
Object.defineProperty(ShadowRoot.prototype, 'innerHTML', { set(text) { html.set.call(this, text.replace(/(<\/?)dialog/g, '$1x-dialog')); } });
ShadowRoot.prototype.querySelector = function (s) { return DocumentFragment.prototype.querySelector.call(this, s.replace(/^dialog/, 'x-dialog')); }`

// olderBrowsers are functions that supported browsers lack, as scripts that remove them.
var olderBrowsers = map[string]string{
	"AbortSignal.timeout": `delete AbortSignal.timeout`,
	"dialog":              noDialog,
	"adoptedStyleSheets":  `delete Document.prototype.adoptedStyleSheets; delete ShadowRoot.prototype.adoptedStyleSheets`,
	"locks":               `delete Navigator.prototype.locks`,
	"EventSource":         `delete self.EventSource`,
	"all of these": noDialog + `; ` + noChannel + `; delete AbortSignal.timeout; delete Navigator.prototype.locks; delete self.EventSource; delete self.CSSStyleSheet;
delete Document.prototype.adoptedStyleSheets; delete ShadowRoot.prototype.adoptedStyleSheets; delete performance.constructor.prototype.getEntriesByType`,
}

// In an older browser the page counts, warns, stays and ends, and never says that it cannot
// reach the server.
func TestBrowserOlder(t *testing.T) {
	s := start(t, "--idle-timeout", "6s")
	for name, script := range olderBrowsers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, s, time.Minute)
			b.before(script + `; self.lost = false; addEventListener('DOMContentLoaded', () => setInterval(() => {
  lost ||= document.documentElement.matches('[data-session~=lost]');
}, 50));`)
			b.open("/set/?name=Pema")
			b.open("/get/")
			if fill := eval[string](b, `getComputedStyle(`+part("ring")+`).fill`); fill != "none" {
				t.Errorf("the ring is filled with %s; want no fill", fill)
			}
			const isOpen = `.offsetHeight > 0`
			if eval[bool](b, part("dialog")+isOpen) {
				t.Error("the page shows the warning at once")
			}
			b.until("the warning", part("dialog")+isOpen)
			b.stay()
			b.until("more time", `!(`+part("dialog")+isOpen+`) && `+state("live"))
			if lost := eval[bool](b, `lost`); lost {
				t.Error("the page says that it cannot reach the server")
			}
			b.arrives(endedTitle)
		})
	}
}

// A page that asks "Leave site?" may stay after the end: it is covered, says what happened, and
// leads on.
func TestBrowserElement_LeaveSite(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "8s"))
	eval[bool](b, `(addEventListener('beforeunload', (event) => event.preventDefault()), true)`)
	b.do("touch the page, without which a browser does not ask", chromedp.MouseClickXY(5, 5))
	b.answers(false)
	b.until("the text of the end", `!`+notice+`.hidden`)
	if text := eval[string](b, notice+`.innerText`); text != "Your session has ended. Continue" || strings.Contains(b.text(), "Pema") {
		t.Errorf("the page says %q, and shows:\n%s", text, b.text())
	}
	eval[bool](b, `(setTimeout(() => `+part("go")+`.click()), true)`)
	b.answers(true)
	b.arrives(endedTitle)
}

// answers waits for "Leave site?" and answers it.
func (b *tab) answers(leave bool) {
	b.t.Helper()
	for end := time.Now().Add(testkit.Patience); ; time.Sleep(50 * time.Millisecond) {
		_, err := chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: leave})
		if err == nil {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("the browser does not ask \"Leave site?\": %v", err)
		}
	}
}

// A tab that the browser has frozen silences no other, and agrees when it wakes. Pages of the
// ended session lead to the new one.
func TestBrowserElement_FrozenAndRevived(t *testing.T) {
	t.Parallel()
	a := live(t, start(t, "--idle-timeout", "8s"))
	b := a.another()
	b.open("/")
	a.lifecycle(page.SetWebLifecycleStateStateFrozen)
	b.arrives(endedTitle)
	a.lifecycle(page.SetWebLifecycleStateStateActive)
	a.arrives(endedTitle)
	b.fill(`main input[name=name]`, "Tashi")
	b.click(`form[action="/set/"] button.main`)
	b.arrives(setTitle)
	a.until("the new session in the other tab", `document.querySelector('main').innerText.includes('Tashi') && `+state("live"))
}

// Messages of another session are not heard; a forged one of this session makes the page ask,
// and changes nothing.
func TestBrowserElement_Messages(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "5m"))
	eval[bool](b, `(self.asked = 0, self.real = self.fetch, self.fetch = (...all) => (asked++, real(...all)), true)`)
	send := func(name, message string) {
		eval[bool](b, fmt.Sprintf(`(new BroadcastChannel('session-clock:%s').postMessage(%s), true)`, name, message))
	}
	for _, other := range []string{"/admin/session/", "/other/session/", ""} {
		send(other, `{ended: 'deleted'}`)
	}
	eval[bool](b, `(localStorage.setItem('session-clock:/admin/session/', '{"ended":"deleted"}'), true)`)
	b.drawn()
	if n := eval[int](b, `asked`); n > 0 {
		t.Errorf("messages of other sessions led to %d questions; want none", n)
	}
	for i, message := range []string{`{ended: 'deleted'}`, `{ended: {}}`, `null`, `'x'`, `{ended: '<b>'}`} {
		send("/session/", message)
		b.until("a question", fmt.Sprintf(`asked > %d`, i))
		b.until("the answer", `!document.querySelector('session-clock').asking`)
	}
	b.shows("Pema", "live")
}
