package backup_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"pagesession/internal/backup"
)

// state returns what counts in a folder, after a start has finished or dropped what it found.
func (f *folder) state() string {
	f.t.Helper()
	if err := backup.Tidy(f.dir); err != nil {
		f.t.Fatal(err)
	}
	if _, err := backup.Apply(f.dir); err != nil {
		f.t.Fatal(err)
	}
	for _, name := range f.names() {
		if strings.HasPrefix(name, "restore") {
			f.t.Errorf("%s is left in the data folder", name)
		}
	}
	return strings.Join([]string{f.users(), f.read("secret.key"), f.read("settings.env")}, "|")
}

const (
	otherKey = "another key of another server..."
	before   = "mallory|" + otherKey + "|OLD=1"
	after    = "ada eve|" + key + "|" + settings
)

// target returns a folder that differs from the backup in each file.
func crashFolder(t *testing.T) *folder {
	to := newFolder(t, "mallory")
	to.write("secret.key", otherKey)
	to.write("settings.env", "OLD=1")
	to.write("console.db", "sessions of operators")
	to.write("accounts.sqlite-shm", "left by a crash")
	return to
}

// A process that ends after any step leaves the old files or, once the decision is made, the new
// ones; the next start finishes.
func TestRestore_CrashAfterEachStep(t *testing.T) {
	path := newFolder(t, "ada", "eve").backedUp()
	steps := 0
	for ; ; steps++ {
		f := crashFolder(t)
		if _, err := f.target().Stage(t.Context(), path, "b"); err != nil {
			t.Fatal(err)
		}
		err := backup.ApplyUpTo(f.dir, steps)
		if err != nil && !errors.Is(err, backup.ErrCrash) {
			t.Fatalf("after %d steps: %v", steps, err)
		}
		// A second crash, in the run that finishes.
		if again := backup.ApplyUpTo(f.dir, 1); err != nil && again != nil && !errors.Is(again, backup.ErrCrash) {
			t.Fatalf("after %d steps and one: %v", steps, again)
		}
		if got := f.state(); got != after {
			t.Errorf("after %d steps a start finds %q; want %q", steps, got, after)
		}
		if err == nil {
			break
		}
	}
	if steps < 9 { // five files aside, three in place, the folder away
		t.Errorf("only %d steps were tried", steps)
	}
}

// Until the decision a restore has changed nothing; a restore that waits for a start gives way to
// another one.
func TestStage_CrashAfterEachStep(t *testing.T) {
	path, other := newFolder(t, "ada", "eve").backedUp(), newFolder(t, "zoe").backedUp()
	for n, want := range []string{before, after} {
		f := crashFolder(t)
		_, err := f.target().UpTo(n).Stage(t.Context(), path, "b")
		if wantErr := n == 0; errors.Is(err, backup.ErrCrash) != wantErr {
			t.Fatalf("Stage up to step %d = %v", n, err)
		}
		if got := f.state(); got != want {
			t.Errorf("after step %d a start finds %q; want %q", n, got, want)
		}
	}
	for n, want := range []string{"zoe|", "mallory|", "ada eve|"} {
		f := crashFolder(t)
		if _, err := f.target().Stage(t.Context(), other, "b"); err != nil {
			t.Fatal(err)
		}
		_, _ = f.target().UpTo(n).Stage(t.Context(), path, "b")
		if got := f.state(); !strings.HasPrefix(got, want) {
			t.Errorf("a second restore, after step %d: a start finds %q; want %s", n, got, want)
		}
	}
}

// A process that is killed while it copies leaves a folder that counts for nothing.
func TestStage_Killed(t *testing.T) {
	f := crashFolder(t)
	if err := os.Mkdir(f.path("restore.new"), 0o700); err != nil {
		t.Fatal(err)
	}
	f.write("restore.new/accounts.sqlite", "half")
	if got := f.state(); got != before {
		t.Errorf("a start finds %q; want %q", got, before)
	}
	f.write("secret.key", key) // a later restore begins again
	if err := os.Mkdir(f.path("restore.new"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := f.restore(newFolder(t, "ada").backedUp()); err != nil || f.users() != "ada" {
		t.Errorf("a restore afterwards = %v, with %s; want ada", err, f.users())
	}
}

// A staged folder without its plan is no decision that a start could guess.
func TestApply_PlanLost(t *testing.T) {
	f := crashFolder(t)
	if err := os.Mkdir(f.path("restore"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Apply(f.dir); err == nil || !strings.Contains(err.Error(), "remove the folder") {
		t.Errorf("Apply = %v; want what to do", err)
	}
	if err := os.Remove(f.path("restore")); err != nil {
		t.Fatal(err)
	}
	if got := f.state(); got != before {
		t.Errorf("after it was removed a start finds %q; want %q", got, before)
	}
}
