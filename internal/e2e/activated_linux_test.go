package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/storage"
)

// A visitor who asks while the session file is read waits for it. A probe learns the reason
// at once.
func TestActivated_VisitorsWaitForTheStart(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	if err := os.Mkdir(u.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	other, err := storage.Open(storage.Config{Database: filepath.Join(u.dir, "sessions.db")})
	if err != nil {
		t.Fatal(err)
	}
	s := begin(t, u.dir, u.command("http", "--addr", u.addr), newClient(t))
	s.at("http", u.addr)
	s.await("the reason", func() bool {
		r := s.get("/readyz")
		return r.StatusCode == http.StatusServiceUnavailable && strings.HasPrefix(r.Text, "not ready: the server is starting: opening the sessions")
	})
	answer := make(chan *reply)
	go func() { answer <- s.get("/set/", named("Pema")) }()
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	(<-answer).page(t, http.StatusOK, setTitle, "Pema")
}

// A socket that does not fit --addr ends the start with one line and the exit code of wrong
// settings.
func TestActivated_SocketThatDoesNotFit(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	for name, want := range map[string]string{
		"http":    `the socket "http" listens on ` + u.addr + `, and --addr is "127.0.0.1:1"; make ListenStream= of the unit and --addr the same`,
		"metrics": `the socket "metrics" listens on ` + u.addr + `, and --metrics-addr is empty; set it to the address of the socket, or disable the socket's unit`,
	} {
		addr := map[string]string{"http": "127.0.0.1:1", "metrics": "127.0.0.1:0"}[name]
		cmd := u.command(name, "--addr", addr)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 2 || string(out) != "pagesession: socket activation: "+want+"\n" {
			t.Errorf("socket %q for --addr %s: exit code %d, %q; want 2, %q", name, addr, code, out, want)
		}
	}
}
