package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

const nameField = `main input[name=name]`

// focusOn puts the focus into a field, at its end.
func (b *tab) focusOn(selector string) {
	b.t.Helper()
	eval[bool](b, `(() => { const e = document.querySelector(`+quoted(selector)+`); e.focus(); e.value = ''; return document.activeElement === e; })()`)
}

// value returns what a field holds.
func (b *tab) value(selector string) string {
	b.t.Helper()
	return eval[string](b, `document.querySelector(`+quoted(selector)+`).value`)
}

// refreshes returns how many extensions the page has asked for.
func (b *tab) refreshes() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.requests {
		if strings.HasSuffix(url, "/session/refresh/") {
			n++
		}
	}
	return n
}

// A visitor who types keeps the session, whatever its timeout: it does not warn, loses no
// letter, and asks at most once in a quarter of the timeout.
func TestBrowserTyping_IsPresence(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "6s")
	b := open(t, s, time.Minute)
	b.open("/set/?name=Pema")
	b.open("/")
	b.focusOn(nameField)
	begin := time.Now()
	const text = "Grace Brewster Hopper, Rear Admiral"
	for _, letter := range text {
		b.key(string(letter))
		time.Sleep(180 * time.Millisecond)
	}
	took := time.Since(begin)
	if got := b.value(nameField); got != text {
		t.Errorf("typed %q, the field holds %q", text, got)
	}
	if n, most := b.refreshes(), int(took/time.Second)+2; n < 4 || n > most {
		t.Errorf("%d extensions in %v; want one a second at most, and several", n, took)
	}
	if state := eval[string](b, `fetch('/session/').then((a) => a.json()).then((s) => s.state)`); state != "live" {
		t.Errorf("after %v of typing the session is %s; want live", took, state)
	}
}

// Moving the pointer, the focus, scripts and boxes extend nothing.
func TestBrowserTyping_IsTheOnlyPresence(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "8s"), time.Minute)
	b.open("/set/?name=Pema")
	b.open("/")
	eval[bool](b, `(() => {
  const box = Object.assign(document.createElement('input'), {type: 'checkbox', id: 'box'});
  document.querySelector('main').append(box);
  const field = document.querySelector('main input[name=name]');
  self.beat = setInterval(() => {
    field.focus();
    field.value += 'x';
    field.dispatchEvent(new InputEvent('input', {bubbles: true, inputType: 'insertText'}));
    box.click();
    document.dispatchEvent(new PointerEvent('pointermove', {bubbles: true}));
  }, 100);
  return true;
})()`)
	b.arrives(endedTitle)
	if n := b.refreshes(); n > 0 {
		t.Errorf("%d extensions; want none", n)
	}
}

// While a field has the focus the warning is a bar: it takes neither the focus nor keys, and
// its button extends.
func TestBrowserTyping_Bar(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "20s"), 2*time.Minute)
	b.open("/set/?name=Pema")
	b.open("/")
	b.focusOn(nameField)
	b.until("the bar", part("bar")+`?.open`)
	b.key(kb.Escape)
	b.key(kb.Tab) // to the button beside the field, not into the bar
	if e := eval[string](b, `document.activeElement.textContent`); e != "Set session" {
		t.Errorf("the focus is on %q; want it on the form's button", e)
	}
	if eval[bool](b, shadow+`.querySelector('dialog').matches(':modal')`) {
		t.Error("the warning is modal; want a bar")
	}
	b.axe("the bar")
	b.stay()
	b.until("more time", unwarned)
	if left := b.left(); left < 4500 {
		t.Errorf("%v ms are left after the bar's button; want about 20 s", left)
	}
	b.focusOn(nameField)
	b.screen(360, 640, "light")
	b.until("the bar again", part("bar")+`?.open`)
	b.shootScreen("warning-bar-360")
	b.screen(1366, 657, "light")
	b.shootScreen("warning-bar-1366")
	b.key("a b")
	b.until("typing closes it", unwarned)
	if got := b.value(nameField); got != "a b" {
		t.Errorf("typed \"a b\", the field holds %q", got)
	}
}
