package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// damages are kinds of damage to a session file.
var damages = map[string]func(file []byte) []byte{
	"random":          func(b []byte) []byte { return bytes.Repeat([]byte("not a database\n"), len(b)/15) },
	"short":           func([]byte) []byte { return []byte("x") },
	"zeros":           func(b []byte) []byte { return make([]byte, len(b)) },
	"cut in a page":   func(b []byte) []byte { return b[:3*4096+7] },
	"cut at a page":   func(b []byte) []byte { return b[:3*4096] },
	"cut in the head": func(b []byte) []byte { return b[:5000] },
	"first page":      func(b []byte) []byte { return overwrite(b, 0, 64) },
	"second page":     func(b []byte) []byte { return overwrite(b, 4096, 64) },
	"all beyond the first pages": func(b []byte) []byte {
		return overwrite(b, 2*4096, len(b)-2*4096)
	},
}

func overwrite(b []byte, from, n int) []byte {
	for i := from; i < min(from+n, len(b)); i++ {
		b[i] ^= 0xA5
	}
	return b
}

// A damaged file is kept, byte for byte, under another name. The log says so, and
// visitors are served.
func TestDamaged_MovedAside(t *testing.T) {
	t.Parallel()
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--idle-timeout", "60s")
			id := s.set()
			s.stop()
			path := filepath.Join(s.dir, "sessions.db")
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			file = damage(file)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			again := startIn(t, s.dir, "--idle-timeout", "60s")
			again.movedAside(file, 1)
			if l := again.look(id); l.State == "ended" && l.Reason != "" {
				t.Errorf("the lost session is %s, %q; want live, or unknown", l.State, l.Reason)
			}
			newer := again.set()
			again.stop()
			startIn(t, s.dir, "--idle-timeout", "60s").state(newer, "live", "")
		})
	}
}

// movedAside fails the test unless n files were moved aside, one of them has those
// bytes, and the log names it.
func (s *server) movedAside(file []byte, n int) {
	s.t.Helper()
	aside, _ := filepath.Glob(filepath.Join(s.dir, "sessions.db.damaged-*"))
	if len(aside) != n {
		s.t.Fatalf("moved aside: %q; want %d files\n%s", aside, n, s.out)
	}
	found := false
	for _, path := range aside {
		b, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		same := bytes.Equal(b, file)
		found = found || same
		log := s.out.String()
		if same && (!strings.Contains(log, "level=WARN") || !strings.Contains(log, path)) {
			s.t.Errorf("no warning that names %s:\n%s", path, log)
		}
		stamp := regexp.MustCompile(`\.damaged-(\d{8}T\d{6}Z)(-\d+)?$`).FindStringSubmatch(path)
		if stamp == nil {
			s.t.Errorf("%s does not end with a time", path)
			continue
		}
		if at, err := time.Parse("20060102T150405Z", stamp[1]); err != nil || time.Since(at) > time.Hour {
			s.t.Errorf("%s: %v, %v; want the time of now", path, at, err)
		}
	}
	if !found {
		s.t.Errorf("none of %q holds the bytes of the damaged file", aside)
	}
}

// A broken record costs one session; the others stay.
func TestDamaged_OneRecord(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	kept, lost := s.set(named("Pema")), s.set(named("Xylophone"))
	s.stop()
	path := filepath.Join(s.dir, "sessions.db")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file = bytes.ReplaceAll(file, []byte("Xylophone"), []byte("Xylophane"))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	again := startIn(t, s.dir, "--idle-timeout", "60s")
	again.movedAside(file, 1)
	if l := again.look(kept); l.State != "live" || l.Name != "Pema" {
		t.Errorf("the session beside the damage is %s, %q; want live, Pema", l.State, l.Name)
	}
	if l := again.look(lost); l.State == "live" {
		t.Errorf("the damaged session is live, %q", l.Name)
	}
	again.get("/get/", cookie(kept)).page(t, http.StatusOK, getTitle, "Pema")
}

// Files that were moved aside stay when another one is moved aside.
func TestDamaged_Again(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 3; i++ {
		file := bytes.Repeat([]byte{byte('0' + i)}, 10_000)
		if err := os.WriteFile(filepath.Join(dir, "sessions.db"), file, 0o600); err != nil {
			t.Fatal(err)
		}
		s := startIn(t, dir)
		s.movedAside(file, i)
		s.stop()
	}
}
