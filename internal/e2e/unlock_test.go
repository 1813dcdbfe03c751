package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"pagesession/internal/testkit"
)

// The command clears failures in the memory of a running server. Without a server it says
// that there are none.
func TestUnlock_Command(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies=127.0.0.1")
	s.operator()
	here := testkit.At(t, s.url)
	wants := func(address, password string, want int) {
		t.Helper()
		if got, err := s.tries(here, address, "ada", password); got != want {
			t.Errorf("a sign-in from %s = %d, %v; want %d", address, got, err, want)
		}
	}
	for i := range 10 {
		wants(fmt.Sprintf("198.51.100.%d", i), "wrong", http.StatusForbidden)
	}
	wants("203.0.113.1", consolePassword, http.StatusTooManyRequests)
	if r := runCommand(s.dir, nil, "users", "unlock", "ada"); r != (said{0, "Failed sign-ins of ada that no longer count: 10.\n", ""}) {
		t.Errorf("users unlock = %+v", r)
	}
	wants("203.0.113.1", consolePassword, http.StatusSeeOther)
	if r := runCommand(s.dir, nil, "users", "unlock", "ada"); r != (said{0, "There were no failed sign-ins of ada to clear.\n", ""}) {
		t.Errorf("users unlock once more = %+v", r)
	}
	s.stop()
	says := "No server is running here, so no failed sign-ins of ada count: a server has them in memory.\n"
	if r := runCommand(s.dir, nil, "users", "unlock", "ada"); r != (said{0, says, ""}) {
		t.Errorf("users unlock without a server = %+v", r)
	}
}

// Behind a proxy, the failures of one client delay that client only.
func TestSignIn_BesideAnotherClientOfTheProxy(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies=127.0.0.1")
	s.operator()
	here := testkit.At(t, s.url)
	for i := range 11 {
		want := http.StatusForbidden
		if i == 10 {
			want = http.StatusTooManyRequests
		}
		if got, err := s.tries(here, "198.51.100.1", fmt.Sprint("n", i), "wrong"); got != want {
			t.Errorf("a hostile sign-in = %d, %v; want %d", got, err, want)
		}
	}
	if got, err := s.tries(here, "203.0.113.1", "ada", consolePassword); got != http.StatusSeeOther {
		t.Errorf("the operator's sign-in = %d, %v; want 303", got, err)
	}
}
