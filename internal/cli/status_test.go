package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/testkit"
)

// breakFile makes a session file fail for good: it is gone, and nothing can be
// written beside it. The function that it returns mends that.
func breakFile(t *testing.T, path string) (mend func()) {
	t.Helper()
	obstacle := filepath.Join(path+".new", "obstacle")
	if err := os.MkdirAll(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.RemoveAll(path + ".new"); err != nil {
			t.Error(err)
		}
	}
}

// The command says how each session file is, from the failure to the new file.
func TestStatus_DetachedAndBack(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	p.serve()
	const fine = "FILE  STATE  SINCE\nsessions.db  ok  -\nconsole.db  ok  -\naccounts.sqlite  ok  -\n"
	p.wants(p.do("status"), "status", 0, fine, "")
	for i, name := range []string{"sessions.db", "console.db"} {
		path := filepath.Join(p.dir, name)
		mend := breakFile(t, path)
		var f health.File
		p.until("detached", func() bool { f = p.status()[i]; return strings.Contains(f.Cause, "not empty") })
		if f.Name != name || f.Path != path || f.State != "detached" || time.Since(f.Since) > time.Minute {
			t.Errorf("status --json = %+v; want %s, its path, detached since now", f, name)
		}
		r := p.do("status")
		for _, part := range []string{name + "  ", "detached  2", " s ago\n", path + " is detached: " + f.Cause, f.Works, f.Refused, f.Do} {
			if !strings.Contains(fixedColumns(r.stdout), part) {
				t.Errorf("status = %d, %q; want %q in it", r.code, r.stdout, part)
			}
		}
		mend()
		p.until("ok", func() bool { return p.status()[i] == health.File{Name: name, Path: path, State: "ok"} })
	}
	p.wants(p.do("status"), "status", 0, fine, "")
	p.stop()
	p.wants(p.do("status"), "status without a server", 1, "", "pagesession: "+control.ErrNotRunning.Error()+"\n")
}

// status is what the command says in JSON.
func (p *place) status() []health.File {
	p.t.Helper()
	var st control.Status
	p.parse(&st, "status", "--json")
	return st.Files
}

// fixedColumns puts two blanks between columns.
func fixedColumns(s string) string {
	for strings.Contains(s, "   ") {
		s = strings.ReplaceAll(s, "   ", "  ")
	}
	return s
}

// until waits for a server's work in the background.
func (p *place) until(what string, done func() bool) {
	p.t.Helper()
	for end := time.Now().Add(testkit.Patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("never %s", what)
		}
	}
}
