package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// breakFile makes a session file fail until mend: it is gone, and nothing can be
// written in its place.
func (s *server) breakFile(name string) (mend func()) {
	s.t.Helper()
	s.faulty = true
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Join(path+".new", "obstacle"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := os.RemoveAll(path + ".new"); err != nil {
			s.t.Error(err)
		}
	}
}

// readySays waits until /readyz?verbose, which stays 200, says that a session file is in a
// state.
func (s *server) readySays(name, state string) {
	s.t.Helper()
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ": " + state + `($| since 20[-:\dTZ]+\. \S.* 503\. \S.*\.$)`)
	s.await(name+" "+state, func() bool {
		r := s.get("/readyz?verbose")
		if r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Text, "ready\n") {
			s.t.Fatalf("GET /readyz?verbose = %d %q; want 200 ready", r.StatusCode, r.Text)
		}
		return line.MatchString(r.Text)
	})
}

// commandSays checks what the command "status" prints about a file in a state.
func (s *server) commandSays(name, state string) {
	s.t.Helper()
	r := runCommand(s.dir, nil, "status")
	if r.code != 0 || r.stderr != "" || !strings.Contains(r.stdout, "\n"+filepath.Join(s.dir, name)+" is "+state+": ") || !strings.Contains(r.stdout, "503.\n") {
		s.t.Errorf("status = %+v; want %s %s, the cause, and what to do", r, name, state)
	}
}

// logSays checks that a state has begun and ended that often in the log.
func (s *server) logSays(name, state string, begun, ended int) {
	s.t.Helper()
	lines := func(level, last string) int {
		line := regexp.MustCompile(`level=` + level + ` msg=.* state=` + state + ` file=\S*` + regexp.QuoteMeta(name) + ` ` + last + `=`)
		return len(line.FindAllString(s.out.String(), -1))
	}
	s.await("the end in the log", func() bool { return lines("WARN", "lasted") >= ended })
	if b, e := lines("ERROR", "error"), lines("WARN", "lasted"); b != begun || e != ended {
		s.t.Errorf("the log says %d times that %s is %s and %d times that this has ended; want %d, %d\n%s", b, name, state, e, begun, ended, s.out)
	}
}

// A file that fails is said until it is rebuilt; the others stay fine.
func TestDisk_SaysDetached(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.readySays("sessions.db", "ok")
	for name, other := range map[string]string{"sessions.db": "console.db", "console.db": "sessions.db"} {
		mend := s.breakFile(name)
		s.readySays(name, "detached")
		s.readySays(other, "ok")
		s.commandSays(name, "detached")
		s.logSays(name, "detached", 1, 0)
		mend()
		s.readySays(name, "ok")
		s.logSays(name, "detached", 1, 1)
	}
	if r := s.get("/set/"); r.StatusCode != http.StatusOK {
		t.Errorf("GET /set/ after all = %d; want 200", r.StatusCode)
	}
}
