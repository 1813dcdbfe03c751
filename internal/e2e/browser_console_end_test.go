package e2e

import (
	"testing"
	"time"
)

// consoleHeardWithin is how soon an operator's open page says that its session has ended.
const consoleHeardWithin = 3 * time.Second

// addSuperuser adds an operator who may do everything, with the password of ada.
func (b *tab) addSuperuser(name string) {
	b.t.Helper()
	b.open("/admin/users/add/")
	b.fill("#username", name)
	b.fill("#new1", consolePassword)
	b.fill("#new2", consolePassword)
	b.press("#is_staff")
	b.press("#is_superuser")
	b.click(".save button.main")
	b.shows("was added")
}

// operatorAt signs an operator in, in a browser of their own, and opens a page.
func operatorAt(t *testing.T, s *server, name, path string) *tab {
	t.Helper()
	b := open(t, s, 2*time.Minute)
	b.before(hearing)
	b.open(path)
	b.login(name, consolePassword)
	b.until("the page", `document.querySelector('session-clock[state~=live]')`)
	return b
}

// isSignedOut fails the test unless the operator's page says in time that they were signed out.
func (b *tab) isSignedOut(ended time.Time) {
	b.t.Helper()
	b.arrives("Sign in")
	heard := eval[struct {
		At  int64
		Why string
	}](b, `JSON.parse(sessionStorage.getItem('heard'))`)
	if took := time.UnixMilli(heard.At).Sub(ended); took > consoleHeardWithin || heard.Why != "revoked" {
		b.t.Errorf("the page heard of the end after %v, with the reason %q; want it within %v, revoked", took, heard.Why, consoleHeardWithin)
	}
	b.shows("You were signed out: your session was ended")
}

// An operator's page hears in time that another operator, or they themselves elsewhere, have
// ended its session.
func TestBrowserConsoleEnd_IsSeen(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada := console(t, s, 2*time.Minute)
	ada.addSuperuser("bob")
	bob := operatorAt(t, s, "bob", "/admin/users/")
	ada.open("/admin/users/2/")
	ended := time.Now()
	ada.click(`form[action$="/sign-out/"] button`)
	bob.isSignedOut(ended)

	elsewhere := operatorAt(t, s, "ada", "/admin/log/")
	ada.open("/admin/own-sessions/")
	ada.fill("#old", consolePassword)
	ended = time.Now()
	ada.click("main form button")
	elsewhere.isSignedOut(ended)
}

// Kept text is offered to the operator who typed it, and to no other.
func TestBrowserTyped_ConsoleOfAnotherOperator(t *testing.T) {
	t.Parallel()
	b := console(t, start(t), 2*time.Minute)
	b.addSuperuser("bob")
	b.before(ahead)
	b.open("/admin/users/add/")
	b.expireConsole("grace")
	if kept := eval[string](b, keptTexts); kept == "" {
		t.Fatal("the tab keeps nothing")
	}
	for _, name := range []string{"bob", "ada"} { // what bob has not seen is no longer there for ada
		b.open("/admin/users/add/")
		b.login(name, consolePassword)
		b.arrives("Add user")
		b.until("no offer", noOffer+` && document.querySelector('session-clock[state~=live]')`)
		if kept := eval[string](b, keptTexts); kept != "" {
			t.Errorf("%s has the text of another operator: %s", name, kept)
		}
		b.signOut()
	}
}

// expireConsole types a username, if any, and lets the session expire, which the page sees.
func (b *tab) expireConsole(username string) {
	b.t.Helper()
	if username != "" {
		b.focusOn("#username")
		b.key(username)
	}
	eval[bool](b, `(window.passed = 15 * 60000, fetch('/admin/logout/', {method: 'POST', keepalive: true}), dispatchEvent(new Event('online')), true)`)
	b.arrives("Sign in")
}
