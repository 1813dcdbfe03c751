package e2e

import (
	"testing"
	"time"
)

// An open dashboard says that session files failed, fits on every screen with that,
// and says no more when they are rebuilt.
func TestBrowserConsole_FileBanner(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	b := console(t, s, 4*time.Minute)
	b.open("/admin/")
	b.until("a dashboard without a banner", `document.querySelector('[role=status][data-files]').childElementCount === 0`)
	mendVisitors, mendOperators := s.breakFile("sessions.db"), s.breakFile("console.db")
	b.until("both files in the banner", `document.querySelectorAll('[data-files] .trouble').length === 2`)
	b.shows("sessions.db is detached since", "New sessions and changes are refused", "console.db is detached since", "Sign-ins are refused", "What to do:")
	b.looked("console-detached")
	mendVisitors()
	mendOperators()
	b.until("no banner", `document.querySelector('[data-files]').childElementCount === 0`)
}
