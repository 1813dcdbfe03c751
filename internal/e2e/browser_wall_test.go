package e2e

import (
	"testing"
	"time"

	"pagesession/internal/testkit/firefox"
)

// onWall is true on a wall screen with these live sessions.
func onWall(sessions string) string {
	return `document.querySelector('[data-wall] .card dd')?.textContent === '` + sessions + `'`
}

// A wall screen follows the numbers, stays when the server stops, goes on with the next one, and
// leaves when its operator may not see it any more.
func TestBrowserWall(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "10m")
	b := console(t, s, 4*time.Minute)
	b.open("/admin/wall/")
	b.click("main button.main")
	b.until("the screen", onWall("0")+` && document.querySelector('[data-state]').textContent === 'No problems'`)
	s.set()
	b.until("a session", onWall("1"))
	b.looked("wall")
	b.screen(1920, 1080, "dark")
	b.drawn()
	b.shoot("wall-screen")
	if got := eval[float64](b, `document.documentElement.scrollHeight - innerHeight`); got > 0 {
		t.Errorf("on a full-HD screen %v pixels are below the edge; want none", got)
	}
	if got := eval[float64](b, `parseFloat(getComputedStyle(document.querySelector('dt')).fontSize)`); got < 48 {
		t.Errorf("labels are %v pixels high on a full-HD screen; want at least 48, for three metres", got)
	}
	s.stop()
	b.until("no connection", `document.querySelector('[data-state]').textContent === 'No connection'`)
	s = startIn(t, s.dir, "--addr", s.addr, "--idle-timeout", "10m")
	b.s = s
	b.until("the next server", `document.querySelector('[data-state]').textContent === 'No problems'`)
	if r := runCommand(s.dir, nil, "users", "disable", "ada"); r.code == 0 {
		t.Error("the last superuser was disabled")
	}
	if r := newOperator(s.dir, "eve"); r.code != 0 {
		t.Fatalf("createsuperuser = %+v", r)
	}
	if r := runCommand(s.dir, nil, "users", "disable", "ada"); r.code != 0 {
		t.Fatalf("users disable = %+v", r)
	}
	b.arrives("Sign in")
	b.shows("You were signed out: your session was ended")
	b.open("/") // which does not notice the stop
	b.forgive("ERR_CONNECTION_REFUSED", "status of 503", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
}

// An operator ends one wall screen from another browser, and stays signed in there. The screen
// leaves, and says why.
func TestBrowserWall_EndsAlone(t *testing.T) {
	t.Parallel()
	s := start(t)
	wall := console(t, s, 3*time.Minute)
	wall.open("/admin/wall/")
	wall.click("main button.main")
	wall.until("the screen", onWall("0"))
	ada := operatorAt(t, s, "ada", "/admin/own-sessions/")
	for _, width := range []int64{360, 768, 1280} {
		ada.screen(width, 800, "light")
		ada.drawn()
		ada.fits("your sessions with a wall screen")
	}
	ada.axe("your sessions with a wall screen")
	ada.shoot("console-own-sessions-wall")
	ada.click("[name=handle]")
	ada.shows("The wall screen was ended.", "You have 1 session")
	wall.arrives("Sign in")
	wall.shows("You were signed out: your session was ended")
}

// Without scripts the screen asks for itself again.
func TestBrowserWall_WithoutScript(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "10m")
	b := console(t, s, 3*time.Minute)
	b.withoutScript()
	b.open("/admin/wall/")
	b.click("main button.main")
	b.until("the screen", onWall("0"))
	s.set()
	b.until("a session", onWall("1"))
}

// Firefox has the wall screen, too.
func TestFirefoxWall(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "10m")
	tab := inFirefox(t, s)
	tab.Go(s.firstRunLink())
	tab.Fill("Username", "ada")
	tab.Type(firefox.Tabulator + firefox.Tabulator + consolePassword)
	tab.Type(firefox.Tabulator + consolePassword + firefox.Enter)
	tab.Arrives("Live sessions")
	tab.Go("/admin/wall/")
	tab.Click("button", "Open the wall screen")
	s.await("the screen in Firefox", func() bool { return firefox.Eval[bool](tab, onWall("0")) })
	s.set()
	s.await("a session in Firefox", func() bool { return firefox.Eval[bool](tab, onWall("1")) })
}
