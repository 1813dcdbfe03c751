package e2e

import (
	"testing"
	"time"

	"pagesession/internal/testkit/firefox"
)

// isLive is true on a dashboard whose numbers come from the server.
const isLive = `document.querySelector('[data-status]')?.textContent === 'Live' && document.querySelector('.uplot canvas')`

// Nine dashboards in tabs are live over HTTP/1.1, where a browser has six connections to a
// server: they share one stream. When a command disables their operator, all leave, and say why.
func TestBrowserConsoleLive_NineTabs(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada := console(t, s, 2*time.Minute)
	ada.addSuperuser("bob")
	first := operatorAt(t, s, "bob", "/admin/")
	all := []*tab{first}
	for len(all) < 9 {
		more := first.another()
		more.before(hearing)
		more.open("/admin/")
		all = append(all, more)
	}
	s.set()
	for _, one := range all {
		one.until("a live dashboard", isLive+` && `+tile("sessions")+` === '1'`)
	}
	asked := 0
	for _, one := range all {
		asked += one.asked("/admin/stream/?samples&after=")
	}
	if asked != 1 {
		t.Errorf("nine tabs asked for %d streams; want one", asked)
	}
	ended := time.Now()
	if r := runCommand(s.dir, nil, "users", "disable", "bob"); r.code != 0 {
		t.Fatalf("users disable = %+v", r)
	}
	for _, one := range all {
		one.isSignedOut(ended)
	}
}

// The tab with the stream closes, and another goes on. Where the server has no place for the
// stream, the dashboard says so.
func TestBrowserConsoleLive_Handover(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := console(t, s, 2*time.Minute)
	b := a.another()
	b.open("/admin/sessions/") // a page without numbers hands over, too
	c := a.another()
	c.open("/admin/")
	c.until("a live dashboard", isLive)
	a.open("/") // no page of the console
	c.until("a dashboard that goes on", isLive)
	s.set()
	c.until("a session", tile("sessions")+` === '1'`)

	b.open("/")
	c.open("/")
	id := s.signIn("ada", consolePassword)
	for range 4 { // all places of this operator
		s.await("a place", func() bool {
			r := s.get("/admin/stream/", fromConsole(id)...)
			t.Cleanup(func() { _ = r.Body.Close() })
			return r.StatusCode == 200
		})
	}
	c.open("/admin/")
	c.until("the reason", `document.querySelector('[data-status]').textContent === 'Open in too many browsers'`)
	c.axe("a dashboard that was refused")
	c.forgive("429")
}

// Firefox shares the stream, too.
func TestFirefoxConsole_Live(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := inFirefox(t, s)
	a.Go(s.firstRunLink())
	a.Fill("Username", "ada")
	a.Type(firefox.Tabulator + firefox.Tabulator + consolePassword)
	a.Type(firefox.Tabulator + consolePassword + firefox.Enter)
	a.Arrives("Live sessions")
	b := a.Another()
	b.Go("/admin/")
	for _, one := range []*firefox.Tab{a, b} {
		s.await("a live dashboard in Firefox", func() bool { return firefox.Eval[bool](one, `Boolean(`+isLive+`)`) })
	}
	if r := newOperator(s.dir, "eve"); r.code != 0 {
		t.Fatalf("createsuperuser = %+v", r)
	}
	if r := runCommand(s.dir, nil, "users", "disable", "ada"); r.code != 0 {
		t.Fatalf("users disable = %+v", r)
	}
	for _, one := range []*firefox.Tab{a, b} {
		one.Arrives("You were signed out: your session was ended")
	}
}

// A stream that is opened just after the sign-out stops, and the browser has no error to show.
func TestBrowserConsoleLive_SignedOut(t *testing.T) {
	t.Parallel()
	b := open(t, start(t), time.Minute)
	b.open("/admin/login/")
	eval[bool](b, `(self.stream = new EventSource('/admin/stream/'), true)`)
	b.until("the end of the stream", `self.stream.readyState === EventSource.CLOSED`)
}
