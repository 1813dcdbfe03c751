package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// The session file vanishes, and nothing can be written in its place for a while.
// Visits go on, visitors sign out, operators revoke; all of them learn that the disk
// does not know yet. When a file can be written again all goes on, and a restart has
// every session.
func TestDetached_SignOutAndRevoke(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	operator := s.operator()
	stays, leaves, revoked := s.set(), s.set(), s.set()
	s.loseFile()
	s.await("refusal of changes", func() bool { return s.get("/set/").StatusCode == http.StatusServiceUnavailable })
	s.get("/get/", cookie(stays)).page(t, http.StatusOK, getTitle)
	if r := s.get("/readyz"); r.StatusCode != http.StatusOK {
		t.Errorf("GET /readyz without a session file = %d; want 200", r.StatusCode)
	}
	r := s.post("/del/", cookie(leaves))
	r.page(t, http.StatusAccepted, delTitle, "not on the server’s disk yet")
	r.dead(t, "POST /del/")
	if said := runCommand(s.dir, nil, "sessions", "end", record.KeyOf(revoked).Handle().Fingerprint()); said.code != 0 || !strings.Contains(said.stdout, "This is not on disk yet") {
		t.Errorf("sessions end = %+v; want exit code 0 and a note", said)
	}
	check := func() {
		t.Helper()
		s.state(stays, "live", "")
		s.state(leaves, "ended", "deleted")
		s.state(revoked, "ended", "revoked")
	}
	check()
	if !strings.Contains(s.out.String(), "state=detached") {
		t.Errorf("the log does not say that the session file failed:\n%s", s.out)
	}
	if err := os.RemoveAll(filepath.Join(s.dir, "sessions.db.new")); err != nil {
		t.Fatal(err)
	}
	s.await("new sessions", func() bool { return s.get("/set/").StatusCode == http.StatusOK })
	s.get("/admin/", testkit.Header("Cookie", "adminid="+operator)).Has("Dashboard")
	s.stop()
	s = startIn(t, s.dir)
	check()
}

// loseFile removes the session file, and keeps the server from building another one.
func (s *server) loseFile() {
	s.t.Helper()
	s.faulty = true
	if err := os.MkdirAll(filepath.Join(s.dir, "sessions.db.new", "folder"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.dir, "sessions.db")); err != nil {
		s.t.Fatal(err)
	}
}
