package e2e

import (
	"fmt"
	"strings"
	"testing"

	"pagesession/internal/testkit/firefox"
	"pagesession/storage/record"
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

// Every page of the console's route table works in Firefox: nothing is in its console, and the page
// fits on a phone, a tablet and a screen.
func TestFirefoxConsole_EveryPage(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	session := record.KeyOf(s.set(named(longNames["W"]))).Handle().String()
	tab := inFirefox(t, s)
	tab.Go(s.firstRunLink())
	tab.Fill("Username", "ada")
	tab.Type(firefox.Tabulator + firefox.Tabulator + consolePassword)
	tab.Type(firefox.Tabulator + consolePassword + firefox.Enter)
	tab.Arrives("Live sessions")
	for _, page := range consolePages(t, session) {
		if page.endpoint || strings.Contains(page.path, "/passkeys/1/") { // the operator has no passkey
			continue
		}
		tab.Go(page.path)
		if title := tab.Title(); !strings.HasSuffix(title, " | pagesession console") {
			t.Errorf("%s has the title %q in Firefox", page.path, title)
		}
		for _, width := range []int{360, 768, 1280} {
			tab.Screen(width, 720)
			what := fmt.Sprintf("%s at %d in Firefox", page.path, width)
			firefox.Eval[fit](tab, fitting).wants(t, what)
			keep(t, "firefox"+strings.ReplaceAll(page.path, "/", "-")+fmt.Sprint(width), func() ([]byte, error) { return tab.Picture(), nil })
		}
	}
}
