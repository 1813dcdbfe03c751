package e2e

import (
	"testing"

	"pagesession/internal/testkit/firefox"
)

// The link for the first operator works in Firefox, and so does the sign-in page, by the
// keyboard alone.
func TestFirefox_SignsIn(t *testing.T) {
	t.Parallel()
	s := start(t)
	tab := inFirefox(t, s)
	tab.Go(s.firstRunLink())
	tab.Arrives("Create the first operator")
	tab.Fill("Username", "ada")
	tab.Type(firefox.Tabulator + firefox.Tabulator + consolePassword)
	tab.Type(firefox.Tabulator + consolePassword + firefox.Enter)
	tab.Arrives("Live sessions")
	tab.Click("button", "ada") // the menu
	tab.Click("button", "Sign out")
	for _, try := range []struct{ password, arrives string }{{"wrong", "Sign-in failed."}, {consolePassword, "Live sessions"}} {
		tab.Arrives("Password")
		tab.Fill("Username", "ada")
		tab.Type(firefox.Tabulator + try.password + firefox.Enter)
		tab.Arrives(try.arrives)
	}
}
