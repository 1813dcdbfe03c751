package e2e

import (
	"strings"
	"testing"
	"time"
)

const title = `document.title`

// The count stands before the title while the warning is due, in any words. It leaves what the
// page has there itself, and goes with the session and with the element.
func TestBrowserElement_Title(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "4h")
	b := open(t, s, time.Minute)
	b.open("/set/")
	// The title is read in the same step, because the element asks the server for its own time.
	draw := func(when, ms, want string) {
		t.Helper()
		b.until("the element", state("live"))
		if got := eval[string](b, `((clock) => {
  clock.ends = performance.now() + `+ms+`;
  clock.draw(clock.remainingMs);
  return `+title+`;
})(document.querySelector('session-clock'))`); got != want {
			t.Errorf("%s the title is %q; want %q", when, got, want)
		}
	}
	eval[bool](b, `(document.title = '(3) Inbox', document.querySelector('session-clock').setAttribute('warn-ms', 8000000), true)`)
	draw("before the warning is due", "9000000", "(3) Inbox")
	draw("two hours before the end", "7530000", "(2 h 05 min) (3) Inbox")
	draw("at nine seconds", "8500", "(9) (3) Inbox")
	eval[bool](b, `(document.title = '(4) Inbox', true)`)
	draw("after the page has changed it", "7500", "(8) (4) Inbox")
	eval[bool](b, `((clock) => {
  clock.remove();
  self.without = document.title;
  clock.leave = () => {};
  document.querySelector('main').append(clock);
  return true;
})(document.querySelector('session-clock'))`)
	if got := eval[string](b, `without`); got != "(4) Inbox" {
		t.Errorf("without the element the title is %q; want (4) Inbox", got)
	}
	draw("at nine seconds again", "8500", "(9) (4) Inbox")
	s.post("/del/", cookie(b.id()))
	eval[bool](b, `(document.querySelector('session-clock').ask(), true)`)
	b.until("the end", state("ended"))
	if got := eval[string](b, title); got != "(4) Inbox" {
		t.Errorf("after the end the title is %q; want (4) Inbox", got)
	}
}

// A language tag that the browser does not understand costs the plurals of that language, not
// the clock.
func TestBrowserElement_UnknownLanguage(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/set/")
	for _, lang := range []string{"en_US", "C", "x", "de-", ""} {
		eval[bool](b, `(document.querySelector('session-clock').remove(), document.documentElement.lang = `+quoted(lang)+`,
			document.querySelector('main').append(document.createElement('session-clock')), true)`)
		b.until("a count with lang="+lang, state("live"))
		if words := eval[string](b, `document.querySelector('session-clock').words(1000).join(' ')`); words != "1 second left" {
			t.Errorf("with lang=%q a second is %q; want 1 second left", lang, words)
		}
	}
}

// An element that is moved while it warns warns again, over the page.
func TestBrowserElement_MovedWhileItWarns(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/set/")
	eval[bool](b, `(document.querySelector('session-clock').setAttribute('warn-ms', 299000), true)`)
	b.until("the warning", part("dialog")+`?.matches(':modal')`)
	eval[bool](b, `(document.querySelector('main').append(document.querySelector('session-clock')), true)`)
	b.until("the warning over the page", part("dialog")+`.matches(':modal')`)
}

// A frame that has the focus keeps it, because people may be typing in an editor there.
func TestBrowserElement_EditorInAFrame(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/set/")
	eval[bool](b, `(() => {
  const frame = document.createElement('iframe');
  document.querySelector('main').append(frame);
  frame.contentDocument.body.contentEditable = true;
  frame.contentDocument.body.focus();
  document.querySelector('session-clock').setAttribute('warn-ms', 299000);
  return true;
})()`)
	b.until("the bar", part("bar")+`?.open`)
	b.key("a b")
	if got := eval[string](b, `document.querySelector('iframe').contentDocument.body.textContent`); got != "a b" {
		t.Errorf("typed \"a b\", the editor holds %q", got)
	}
}

// While the server refuses extensions, each letter is not another request.
func TestBrowserElement_TypingWhileExtensionsFail(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/set/")
	b.open("/")
	eval[bool](b, `((clock) => {
  clock.ends -= clock.idle / 2;
  self.tries = 0;
  const real = self.fetch;
  self.fetch = (path, how) => (how?.method === 'POST' ? (tries++, Promise.reject(new TypeError('refused'))) : real(path, how));
  return true;
})(document.querySelector('session-clock'))`)
	b.focusOn(nameField)
	begin := time.Now()
	b.key(strings.Repeat("a", 60))
	if n, most := eval[int](b, `tries`), 1+int(time.Since(begin)/(3*time.Second)); n < 1 || n > most {
		t.Errorf("%d requests for 60 letters in %v; want 1 to %d", n, time.Since(begin), most)
	}
}

// An extension that succeeds after the element was removed says so.
func TestBrowserElement_RemovedWhileItExtends(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/set/")
	if !eval[bool](b, `((clock) => {
  const extended = clock.extend();
  clock.remove();
  return extended;
})(document.querySelector('session-clock'))`) {
		t.Error("extend() returned false; want true, because the server extended the session")
	}
}

// An element that is not shown cannot warn, and blocks nothing of the page.
func TestBrowserElement_HiddenBlocksNothing(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/set/")
	eval[bool](b, `((clock) => {
  clock.parentElement.append(Object.assign(document.createElement('div'), {id: 'hider', hidden: true}));
  document.querySelector('#hider').append(clock);
  clock.setAttribute('warn-ms', 299000);
  return true;
})(document.querySelector('session-clock'))`)
	b.until("the warning", part("dialog")+`?.open`)
	if hit := eval[string](b, `(({x, y, width, height}) => document.elementFromPoint(x + width / 2, y + height / 2).tagName)(document.querySelector('h1').getBoundingClientRect())`); hit != "H1" {
		t.Errorf("a click on the heading reaches %s; want H1", hit)
	}
}
