package e2e

import (
	"testing"
	"time"
)

// console opens a tab and creates the first operator, ada, in it, who is then signed
// in.
func console(t *testing.T, s *server, d time.Duration) *tab {
	t.Helper()
	b := open(t, s, d)
	b.open(s.firstRunLink())
	b.fill("#username", "ada")
	b.fill("#new1", consolePassword)
	b.fill("#new2", consolePassword)
	b.click("main button.main")
	b.arrives("Dashboard")
	return b
}
