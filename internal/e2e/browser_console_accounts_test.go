package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A damaged accounts file closes the console, and says what to do. Visitors are served.
// With the file back, an operator who had signed in goes on.
func TestBrowserConsole_AccountsUnavailable(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 4*time.Minute)
	s.stop()
	file := filepath.Join(s.dir, "accounts.sqlite")
	if err := os.Rename(file, file+".backup"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, make([]byte, 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	away := startIn(t, s.dir, "--addr", s.addr)
	away.faulty = true
	away.state(away.set(), "live", "")
	b.open("/admin/users/")
	b.shows("Accounts unavailable", "Visitors are served as usual", "Restore a backup as accounts.sqlite")
	b.looked("console-accounts-unavailable")
	b.click("main a.button") // asks again
	b.shows("Accounts unavailable")
	if got := b.path(); got != "/admin/users/" {
		t.Errorf("asking again leads to %s; want the same page", got)
	}
	away.stop()
	if err := os.Rename(file+".backup", file); err != nil {
		t.Fatal(err)
	}
	startIn(t, s.dir, "--addr", s.addr)
	b.open("/admin/users/")
	b.shows("ada")
	b.arrives("Users")
	b.forgive("status of 503", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING")
}
