package e2e

import (
	"fmt"
	"testing"
	"time"
)

// Every page of sessions fits on every screen, in both themes, and keeps nobody
// out; the pictures are for people.
func TestBrowserConsole_Look(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	for i := range 60 {
		s.get(fmt.Sprintf("/set/?name=Visitor%d", i))
	}
	s.get("/set/?name=Wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww")
	b := console(t, s, 4*time.Minute)
	time.Sleep(3 * time.Second)
	for i, screen := range screens() {
		b.screen(screen.width, screen.height, screen.scheme)
		for _, look := range []struct{ name, path string }{
			{"dashboard", "/admin/"},
			{"sessions", "/admin/sessions/"},
			{"sessions-none", "/admin/sessions/?q=nobody"},
			{"sessions-ended", "/admin/sessions/?state=ended"},
			{"sessions-end-all", "/admin/sessions/end-all/"},
		} {
			b.visit(look.path)
			if look.name == "dashboard" {
				b.until("charts", `document.querySelectorAll('.uplot canvas').length === 6`)
			}
			b.shootScreen("console-" + look.name + "-" + screen.name)
			b.fits(look.name + " on " + screen.name)
			if i < 2 { // one light and one dark, one narrow and one wide
				b.axe(look.name + " on " + screen.name)
			}
		}
	}
}
