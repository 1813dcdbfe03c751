package e2e

import (
	"testing"
	"time"
)

// An operator with the permission ends another one's session from the list. Their page leaves
// within two seconds and says why.
func TestBrowserConsole_OperatorsSessions(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada := console(t, s, 4*time.Minute)
	addViewer(t, s, "bob")
	bob := operatorAt(t, s, "bob", "/admin/")
	ada.open("/admin/console-sessions/")
	for name, width := range map[string]int64{"360": 360, "768": 768, "1280": 1280} {
		ada.screen(width, 800, "light")
		ada.drawn()
		ada.fits("operators’ sessions")
		if out := eval[bool](ada, `(at => at.width > 0 && at.left >= 0 && at.right <= innerWidth)(document.querySelector('.me > form button').getBoundingClientRect())`); !out {
			t.Errorf("at %s px “Sign out” is not to be seen", name)
		}
		ada.shoot("console-operators-" + name)
	}
	ada.screen(1280, 800, "light")
	ada.shows("ada", "current", "bob", "password")
	ada.press(".menu summary")
	ada.drawn()
	ada.shoot("console-operators-menu")
	ada.open("/admin/console-sessions/?q=bob")
	ada.press(".tick [name=handle]")
	ada.click(".bar button")
	ada.shows("End 1 operator’s session?", "bob")
	ended := time.Now()
	ada.click("main form button.danger")
	ada.shows("The session was ended. The operator’s page says so.")
	bob.isSignedOut(ended)
	ada.open("/admin/log/?kind=console")
	ada.shows("ended 1 console session of bob")
}
