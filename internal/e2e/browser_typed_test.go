package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	offered   = `document.querySelector('.offer')`
	longName  = "Grace Brewster Hopper, Rear Admiral"
	keptTexts = `Object.entries({...sessionStorage}).filter(([key]) => key.startsWith('typed:')).map(([, text]) => text).join()`
)

// typeSlowly types a text as a person does: no pause is long enough to mean the end of it.
func (b *tab) typeSlowly(text string) {
	b.t.Helper()
	for _, letter := range text {
		b.key(string(letter))
		time.Sleep(200 * time.Millisecond)
	}
}

// Typing over an end that nothing can delay loses no letter: the page waits for the last one,
// and the next one has the text, for the new session.
func TestBrowserTyped_OverTheEnd(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5s", "--absolute-timeout", "5s"), time.Minute)
	b.open("/set/?name=Pema")
	b.open("/")
	b.focusOn(nameField)
	b.typeSlowly(longName[:30]) // for longer than the session lasts
	b.until("the end", `document.documentElement.dataset.session === 'ended'`)
	b.typeSlowly(longName[30:])
	if state := eval[string](b, `document.documentElement.dataset.session`); state != "ended" {
		t.Errorf("after %d letters the page is %q; want the end while they were typed", len(longName), state)
	}
	if text := b.text(); strings.Contains(text, "Pema") {
		t.Errorf("after the end the page shows the name:\n%s", text)
	}
	b.arrives(absoluteTitle)
	b.shows("You were typing this when your session ended:", longName)
	for _, width := range []int64{360, 1366} {
		b.screen(width, 657, "light")
		b.shoot(fmt.Sprintf("ended-offer-%d", width))
	}
	b.axe("the ended page with the text")
	b.fits("the ended page with the text")
	b.press(".offer button.main")
	if got := b.value(nameField); got != longName {
		t.Errorf("the field has %q; want %q", got, longName)
	}
	if kept := eval[string](b, keptTexts); kept != "" {
		t.Errorf("after its use the tab keeps %s", kept)
	}
	b.click(`form[action="/set/"] button.main`)
	b.arrives(setTitle)
	b.shows(longName)
}

// The page with the same field offers the text as well, until it is discarded.
func TestBrowserTyped_OnTheSamePage(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "6s", "--absolute-timeout", "6s"), time.Minute)
	b.expireTyping("abc")
	b.open("/")
	b.shows("abc")
	b.open("/get/")
	b.until("none on another page", noOffer)
	b.open("/")
	b.press(".offer button:last-child")
	b.until("no offer", noOffer)
	b.open("/")
	b.until("still none", noOffer)
}

const noOffer = `!` + offered

// expireTyping types a text into the home page's field and lets the session end. If a busy machine
// was so slow that it had ended before, it begins another one.
func (b *tab) expireTyping(text string) {
	b.t.Helper()
	for range 5 {
		b.open("/set/?name=Pema")
		b.open("/")
		b.focusOn(nameField)
		b.key(text)
		inTime, err := evalOnce[bool](b, state("live")+` && document.querySelector(`+quoted(nameField)+`).value === `+quoted(text))
		b.arrives(absoluteTitle)
		if err == nil && inTime {
			b.until("the offer", offered)
			return
		}
	}
	b.t.Fatal("each session ended before the text was typed")
}

// After ten minutes, and of another owner, the text is deleted.
func TestBrowserTyped_IsForgotten(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "6s", "--absolute-timeout", "6s"), time.Minute)
	for _, change := range []string{"record.at -= 600001", "record.owner = 'another'"} {
		b.expireTyping("abc")
		b.open("/set/")
		eval[bool](b, `(() => {
  const key = Object.keys({...sessionStorage}).find((key) => key.startsWith('typed:'));
  const record = JSON.parse(sessionStorage.getItem(key));
  `+change+`;
  sessionStorage.setItem(key, JSON.stringify(record));
  return true;
})()`)
		b.open("/")
		b.until("no offer", noOffer+` && document.querySelector('session-clock').matches('[state]')`)
		if kept := eval[string](b, keptTexts); kept != "" {
			t.Errorf("after %s the tab keeps %s", change, kept)
		}
	}
}

// A session that someone ended leaves no text; nor do passwords, codes and what a page excludes.
func TestBrowserTyped_IsNotKept(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "6s", "--absolute-timeout", "6s"), time.Minute)
	b.open("/set/?name=Pema")
	b.open("/")
	b.focusOn(nameField)
	b.key("abc")
	b.s.post("/del/", cookie(b.id()))
	eval[bool](b, `(dispatchEvent(new Event('online')), true)`) // the page asks
	b.arrives(deletedTitle)
	b.until("nothing that is kept or offered", `!(`+keptTexts+`) && `+noOffer)

	b.open("/set/?name=Pema")
	b.open("/")
	eval[bool](b, `(document.querySelector('main').insertAdjacentHTML('beforeend', '<input type="password" name="f0"><input name="f1" autocomplete="one-time-code">'
  + '<input type="hidden" name="f2"><p data-no-keep><input name="f3"></p><form><input name="f4"><input type="password" name="f5"></form><input name="kept">'), true)`)
	eval[bool](b, `(document.querySelectorAll('main input').forEach((e) => { e.value = 'text of ' + e.name; }), true)`)
	b.arrives(absoluteTitle)
	b.forgive("[DOM]") // advice about the fields
	if kept := eval[string](b, keptTexts); !strings.Contains(kept, "text of kept") || strings.Contains(kept, "text of f") {
		t.Errorf("the tab keeps %s; want only the fields name and kept", kept)
	}
}

// What is kept is deleted by an end of another kind, seen in the page or not until afterwards, and
// by a deletion.
func TestBrowserTyped_IsDeleted(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	for name, end := range map[string]func(*tab){
		"deletion":             func(b *tab) { b.click("main form.row[action='/del/'] button") },
		"operator":             func(b *tab) { b.operatorEnds(); b.arrives("An operator ended your session") },
		"deletion, seen later": func(b *tab) { b.s.post("/del/", cookie(b.id())); b.open("/get/") },
		"deletion in the warning": func(b *tab) {
			eval[bool](b, `(document.querySelector('session-clock [slot=more] button').click(), true)`)
			b.arrives(delTitle)
			b.forgive("NavigationEntryMarkedSkippable") // the test presses without a mouse
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, s, time.Minute)
			b.open("/set/?name=Pema")
			b.open("/")
			eval[bool](b, `(sessionStorage.setItem('typed:/session/', JSON.stringify({at: Date.now(), path: '/', owner: '', sent: false, text: {name: 'abc'}})), true)`)
			b.open("/")
			b.until("the offer", offered)
			b.open("/get/")
			if kept := eval[string](b, keptTexts); kept == "" {
				t.Fatal("the tab keeps nothing before the end")
			}
			end(b)
			b.until("nothing that is kept", `document.querySelector('session-clock[state]') && !(`+keptTexts+`)`)
			b.open("/")
			b.until("no offer", noOffer)
		})
	}
}

// In the console the text waits for the same operator, who signs in again. Signing out
// deletes it.
func TestBrowserTyped_Console(t *testing.T) {
	t.Parallel()
	b := console(t, start(t), 2*time.Minute)
	b.before(ahead)
	expire := func() {
		b.open("/admin/users/add/")
		b.expireConsole("grace")
	}
	signIn := func() {
		b.fill("#username", "ada")
		b.fill("#password", consolePassword)
		b.click("main button.main")
	}
	expire()
	if text := b.text(); strings.Contains(text, "grace") {
		t.Errorf("the sign-in page shows the text:\n%s", text)
	}
	signIn()
	b.until("the offer", offered)
	b.shows("grace")
	b.press(".offer button.main")
	if got := b.value("#username"); got != "grace" {
		t.Errorf("the field has %q; want grace", got)
	}

	expire()
	signIn()
	b.until("the offer again", offered)
	b.click(".me > form button")
	b.arrives("Sign in")
	b.until("nothing that is kept", `!(`+keptTexts+`)`)
}
