package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// consolePassword is a password that the validators accept.
const consolePassword = "correct horse battery 7"

// firstRunLink is the link that the server printed.
func (s *server) firstRunLink() string {
	s.t.Helper()
	found := regexp.MustCompile(`http://[^/]+(/\S*admin/first-run/#key=[A-Z2-7]+)`).FindStringSubmatch(s.out.String())
	if found == nil {
		s.t.Fatalf("no link for the first run:\n%s", s.out)
	}
	return found[1]
}

func (b *tab) fill(selector, value string) {
	b.t.Helper()
	b.do("fill in "+selector, chromedp.SetValue(chromedp.CSS(selector), value))
}

func (b *tab) login(username, password string) {
	b.t.Helper()
	b.fill("#username", username)
	b.fill("#password", password)
	b.click("main button.main")
}

// path returns the path of the tab's page.
func (b *tab) path() string {
	b.t.Helper()
	return eval[string](b, `location.pathname + location.search`)
}

// clockInLine checks that the clock at the top stands level with the operator's name, and that
// its ring, which may lie between two pixels, is not cut off at its edge.
func (b *tab) clockInLine() {
	b.t.Helper()
	const middle = `(r => (r.top + r.bottom) / 2)`
	off := eval[float64](b, middle+`(document.querySelector('.me .strip').shadowRoot.querySelector('#clock').getBoundingClientRect()) - `+
		middle+`(document.querySelector('.menu summary').getBoundingClientRect())`)
	if off < -1 || off > 1 {
		b.t.Errorf("the clock stands %v px from the middle of the operator's name; want them level", off)
	}
	if overflow := eval[string](b, `getComputedStyle(document.querySelector('.me .strip').shadowRoot.querySelector('[part=ring]')).overflow`); overflow != "visible" {
		b.t.Errorf("the ring's overflow is %s; want visible", overflow)
	}
}

// The link in the terminal leads to the console. It works once.
func TestBrowserPeople_FirstRun(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := open(t, s, 2*time.Minute)
	link := s.firstRunLink()
	b.open(link)
	b.arrives("Create the first operator")
	if at := eval[string](b, `location.href + getComputedStyle(document.querySelector('#key').parentNode).display`); !strings.HasSuffix(at, "/admin/first-run/none") {
		t.Errorf("address and field of the key are %s; want neither to be seen", at)
	}
	if gap := eval[float64](b, `(card => document.querySelector('#username').parentNode.getBoundingClientRect().top - card.getBoundingClientRect().top - parseFloat(getComputedStyle(card).paddingTop))(document.querySelector('main .card'))`); gap > 1.5 { // the border
		t.Errorf("the hidden key leaves %v px above the form; want none", gap)
	}
	b.fill("#new1", "12345678")
	b.fill("#new2", "12345678")
	b.click("main button.main")
	b.shows("Create the first operator", "This password is too common.", "This password is entirely numeric.")
	b.fill("#new1", consolePassword)
	b.fill("#new2", consolePassword)
	b.click("main button.main")
	b.arrives("Dashboard")
	b.shows("admin", "Sessions", "Users", "Groups", "Audit log")
	b.clockInLine()
	b.open(link)
	b.arrives("Dashboard")
	b.forgive("status of 422")
}

// An operator signs out, tries a wrong password, signs in with the right one, and is
// back on the page that they wanted.
func TestBrowserPeople_Login(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 2*time.Minute)
	b.press(".menu summary")
	b.click("form[action='/admin/logout/'] button.plain")
	b.arrives("Sign in")
	b.shows("You have signed out.")
	b.open("/admin/users/?q=ada")
	b.arrives("Sign in")
	b.login("ada", "wrong")
	b.shows("Sign-in failed.", "Sign in")
	if got := eval[string](b, `document.querySelector('#username').value + document.querySelector('#password').value`); got != "ada" {
		t.Errorf("the form holds %q; want the name and no password", got)
	}
	b.login("ada", consolePassword)
	b.arrives("Users")
	if got := b.path(); got != "/admin/users/?q=ada" {
		t.Errorf("led to %s; want the page that was asked for", got)
	}
	b.forgive("status of 403")
}

// A new password ends the session in another browser: its page leaves by itself,
// says why, and removes private content.
func TestBrowserPeople_PasswordEndsTheOther(t *testing.T) {
	t.Parallel()
	s := start(t)
	here := console(t, s, 2*time.Minute)
	there := open(t, s, 2*time.Minute)
	there.open("/admin/users/")
	there.login("ada", consolePassword)
	there.arrives("Users")

	here.open("/admin/password/")
	here.fill("#old", consolePassword)
	here.fill("#new1", consolePassword+"8")
	here.fill("#new2", consolePassword+"8")
	here.click("main button.main")
	here.arrives("Dashboard")
	here.shows("Your password was changed.")

	eval[bool](there, `dispatchEvent(new Event('online'))`)
	there.arrives("Sign in")
	there.shows("You were signed out: your session was ended")
	there.login("ada", consolePassword)
	there.shows("Sign-in failed.")
	there.login("ada", consolePassword+"8")
	there.arrives("Users")
	there.forgive("status of 403")
}

// ahead makes the session look that many milliseconds older to the page, as if so
// much time had passed, until the operator presses Stay.
const ahead = `(() => {
  const real = window.fetch;
  window.passed = 0;
  window.fetch = async (address, options) => {
    const answer = await real(address, options);
    if (address === '/admin/session/refresh/') window.passed = 0;
    if (address !== '/admin/session/' || !window.passed) return answer;
    const session = await answer.json();
    session.remaining_ms -= window.passed;
    return Response.json(session.remaining_ms > 0 ? session : {state: 'ended', reason: 'idle'});
  };
})()`

// The console warns a minute before the session ends, offers to stay, and leaves
// once it has ended.
func TestBrowserPeople_Clock(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 2*time.Minute)
	b.before(ahead)
	b.open("/admin/users/")
	if eval[bool](b, warned) {
		t.Fatal("warned with a quarter of an hour left")
	}
	older := func(by string) {
		eval[bool](b, `(window.passed = `+by+`, dispatchEvent(new Event('online')))`)
	}
	older("15 * 60000 - 58000")
	b.until("the warning", warned)
	b.shows("Are you still there?", "Stay signed in")
	if got := eval[string](b, `document.querySelector('session-clock [slot=more]').innerText.trim()`); got != "Sign out" {
		t.Errorf("the warning has %q; want the button that signs out", got)
	}
	if got := eval[string](b, `(document.activeElement.shadowRoot ?? document).activeElement.textContent`); got != "Stay signed in" {
		t.Errorf("the focus is on %q; want the button that stays", got)
	}
	if title := eval[string](b, `document.title`); !strings.HasPrefix(title, "(5") {
		t.Errorf("the title is %q; want the count in front", title)
	}
	b.axe("the console's warning")
	b.shootScreen("console-warning")
	b.stay()
	b.until("no warning any more", unwarned)
	if left := eval[float64](b, `fetch('/admin/session/').then((a) => a.json()).then((s) => s.remaining_ms)`); left < 14*60000 {
		t.Errorf("%v ms are left after staying; want a quarter of an hour", left)
	}
	b.expireConsole("")
	b.shows("You were signed out after a time without activity.")
}

// Everything works for an operator without scripts.
func TestBrowserPeople_WithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := open(t, s, 2*time.Minute)
	b.withoutScript()
	link, key, _ := strings.Cut(s.firstRunLink(), "#key=")
	b.open(link)
	b.fill("#key", key)
	b.fill("#new1", consolePassword)
	b.fill("#new2", consolePassword)
	b.click("main button.main")
	b.shows("Dashboard")
	for _, name := range []string{"bob", "eve"} {
		b.open("/admin/users/add/")
		b.fill("#username", name)
		b.fill("#new1", consolePassword)
		b.fill("#new2", consolePassword)
		b.click(".save button.main")
		b.shows("The user was added", name)
	}
	b.click(".crumbs li:nth-child(2) a")
	b.fill("#q", "bob")
	b.click(".find button")
	b.shows("bob", "1 in all")
	b.click("tbody th a")
	b.shows("bob", "Account", "Joined")
	b.open("/admin/users/")
	eval[bool](b, `(document.querySelectorAll('tbody [name=id]').forEach((box) => { box.checked = box.value !== '1'; }), true)`)
	b.click(".below button")
	b.shows("Delete users", "bob", "eve")
	b.click("main button.danger")
	b.shows("2 users were deleted.", "1 in all")
	b.press(".menu summary")
	b.fill("#theme", "dark")
	b.click(".theme button")
	if theme := eval[string](b, `document.documentElement.dataset.theme`); theme != "dark" {
		t.Errorf("the theme is %q; want dark", theme)
	}
	b.click("form[action='/admin/logout/'] button.plain")
	b.shows("You have signed out.")
}
