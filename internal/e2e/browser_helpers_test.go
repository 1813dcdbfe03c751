package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"pagesession/internal/testkit"
)

// until waits until an expression is true in a page that is loaded. It waits long,
// because the machine may be busy; tests compare times with the server's clock.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	for end := time.Now().Add(testkit.Patience + 10*time.Second); ; time.Sleep(50 * time.Millisecond) {
		if ok, err := evalOnce[bool](b, "document.readyState === 'complete' && Boolean("+expression+")"); err == nil && ok {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("never: %s\n%s", what, b.text())
		}
	}
}

// arrives waits for a page with this heading.
func (b *tab) arrives(h1 string) {
	b.t.Helper()
	b.until("a page "+h1, `document.querySelector('h1').textContent === `+quoted(h1))
}

func quoted(s string) string { return "`" + s + "`" }

var (
	warned      = part("dialog") + `.open`
	unwarned    = `!` + warned
	shownNumber = part("number") + `.textContent`
	notice      = part("notice") // at the foot of the page
)

// stay presses the button of the warning.
func (b *tab) stay() { b.t.Helper(); b.pressOn(part("button")) }

// key presses keys in the page.
func (b *tab) key(keys string) { b.t.Helper(); b.do("press a key", chromedp.KeyEvent(keys)) }

// press clicks an element that leads to no other page.
func (b *tab) press(selector string) {
	b.t.Helper()
	eval[bool](b, `(document.querySelector(`+quoted(selector)+`).click(), true)`)
}

// before makes every page from now on run a script before its own.
func (b *tab) before(script string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	if err != nil {
		b.t.Fatal(err)
	}
}

// offline takes this tab alone off the network, or back on.
func (b *tab) offline(off bool) {
	b.t.Helper()
	rules := []*network.Conditions{}
	if off {
		rules = append(rules, &network.Conditions{Offline: true})
	}
	_, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rules})
	if err == nil {
		_, err = chromedp.Call(b.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
	}
	if err != nil {
		b.t.Fatalf("offline(%v): %v", off, err)
	}
}

// left asks the server how many milliseconds are left, without extending the session.
func (b *tab) left() float64 {
	b.t.Helper()
	return eval[float64](b, `fetch('/session/', {cache: 'no-store'}).then((a) => a.json()).then((s) => s.remaining_ms)`)
}

// An opening is the moment at which the warning opens, with the server's time left.
type opening struct {
	Left  float64 `json:"left"`  // ms, by the server
	Slack float64 `json:"slack"` // ms by which a busy machine may have delayed it
	Focus string  `json:"focus"` // the focused element
	Title string  `json:"title"`
}

// opens waits for the warning and returns when it opened. It also measures the delay
// of a busy machine (late timers in the page, slow answers).
func (b *tab) opens() opening {
	b.t.Helper()
	return eval[opening](b, `(async () => {
  const dialog = `+part("dialog")+`;
  let late = 0, last = performance.now();
  const beat = setInterval(() => {
    const now = performance.now();
    late = Math.max(late, now - last - 20);
    last = now;
  }, 20);
  if (!dialog.open) await new Promise((done) => new MutationObserver(() => dialog.open && done()).observe(dialog, {attributes: true}));
  const begun = performance.now();
  const answer = await fetch('/session/', {cache: 'no-store'});
  const left = (await answer.json()).remaining_ms;
  const took = performance.now() - begun; // the entry may arrive after this
  clearInterval(beat);
  const asked = performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/session/')).map((e) => e.duration);
  return {left, slack: late + 2 * Math.max(took, ...asked), focus: (document.activeElement.shadowRoot ?? document).activeElement.textContent, title: document.title};
})()`)
}

// opensAt fails the test unless the warning opens with that much left.
func (b *tab) opensAt(left time.Duration) opening {
	b.t.Helper()
	o := b.opens()
	want, slack := float64(left.Milliseconds()), float64(tolerance.Milliseconds())+o.Slack
	if o.Left > want+slack || o.Left < want-slack {
		b.t.Errorf("the warning comes with %v ms left, by the server; want %v, give or take %v", o.Left, want, slack)
	}
	return o
}

// live opens a tab on /get/ with a session that has the name Pema.
func live(t *testing.T, s *server) *tab {
	t.Helper()
	b := open(t, s, 3*time.Minute)
	b.open("/set/?name=Pema")
	b.open("/get/")
	b.shows(getTitle, "Pema")
	return b
}

// pause is the time between two checks of a page that changes by itself.
func (b *tab) pause() { time.Sleep(time.Second) }
