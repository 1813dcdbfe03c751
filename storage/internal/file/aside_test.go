package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A file keeps the name that it was given first, also if the path has the characters of a
// pattern. A second file of the same second gets a name of its own, and so does one that
// is moved aside for another reason.
func TestMoveAside_Names(t *testing.T) {
	path := filepath.Join(t.TempDir(), "[s].db")
	now := time.Date(2026, 12, 1, 2, 3, 4, 0, time.UTC)
	for _, step := range []struct {
		content, suffix string
		later           time.Duration
		want            string
	}{
		{"a", ".damaged-", 0, ".damaged-20261201T020304Z"},
		{"", ".damaged-", 0, ".damaged-20261201T020304Z"},
		{"", ".damaged-", time.Hour, ".damaged-20261201T020304Z"},
		{"", ".foreign-", 0, ".foreign-20261201T020304Z"},
		{"b", ".damaged-", 0, ".damaged-20261201T020304Z-2"},
		{"", ".damaged-", time.Hour, ".damaged-20261201T020304Z-2"},
	} {
		if step.content != "" { // another file in its place
			if err := os.WriteFile(path+".new", []byte(step.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		}
		got, err := MoveAside(path, step.suffix, now.Add(step.later))
		if err != nil || got != path+step.want {
			t.Errorf("MoveAside(%q, %v later) = %q, %v; want %q", step.suffix, step.later, got, err, path+step.want)
		}
	}
}

// A name that is too long for the second one is an error.
func TestMoveAside_LongName(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("s", 240))
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := MoveAside(path, ".damaged-", time.Now()); err == nil {
		t.Error("MoveAside of a file with a long name = nil; want an error")
	}
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
}
