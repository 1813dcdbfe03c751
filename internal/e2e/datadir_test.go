package e2e

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// bounded runs a command that has to end by itself within 5 s, and returns its exit
// code.
func bounded(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd, err)
	}
	timer := time.AfterFunc(2*stopTime, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	if took := time.Since(began); took > stopTime {
		t.Errorf("%s took %v; want at most %v", strings.Join(cmd.Args[1:], " "), took, stopTime)
	}
	return cmd.ProcessState.ExitCode()
}

// fails runs the program with a data folder that it has to refuse.
func fails(t *testing.T, dir string, says ...string) {
	t.Helper()
	cmd := command("--addr", "127.0.0.1:0", "--data-dir", dir)
	var out testkit.Log
	cmd.Stdout, cmd.Stderr = &out, &out
	code := bounded(t, cmd)
	if code != 1 {
		t.Errorf("data folder %s: exit code %d; want 1", dir, code)
	}
	oneLine(t, dir, out.String())
	for _, part := range says {
		if !strings.Contains(out.String(), part) {
			t.Errorf("data folder %s: %q; want %q in it", dir, &out, part)
		}
	}
}

func TestDataDir_CannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, file, file, "--data-dir")
	fails(t, filepath.Join(file, "below"), file, "--data-dir")
	if runtime.GOOS == "linux" {
		fails(t, "/proc/pagesession", "/proc/pagesession", "--data-dir")
		fails(t, "/proc", "/proc", "--data-dir")
		fails(t, "/dev/null", "/dev/null", "--data-dir")
	}
	if b, err := os.ReadFile(file); string(b) != "keep" {
		t.Errorf("the file in the folder's place is %q, %v; want it as it was", b, err)
	}
}

// A folder in place of the session file is an error.
func TestDataDir_SessionFileIsAFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(filepath.Join(dir, "sessions.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	fails(t, dir, "sessions.db")
}

func TestDataDir_AddressInUse(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	cmd := command("--addr", ln.Addr().String(), "--data-dir", filepath.Join(t.TempDir(), "data"))
	var out testkit.Log
	cmd.Stdout, cmd.Stderr = &out, &out
	if code := bounded(t, cmd); code != 1 || !strings.Contains(out.String(), ln.Addr().String()) || !strings.Contains(out.String(), "--addr") {
		t.Errorf("address in use: exit %d, %q; want 1 and what to do", code, &out)
	}
	oneLine(t, "address in use", out.String())
}

// Without settings the data is in ./data, which only its owner can enter, with any
// umask.
func TestDataDir_DefaultAndModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	folder := t.TempDir()
	cmd := command()
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `umask 0; exec "$0" --addr 127.0.0.1:0`, program}
	cmd.Dir = folder
	dir := filepath.Join(folder, "data")
	s := launch(t, dir, cmd)
	s.set()
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "sessions.db"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("mode of %s = %v, %v; want %v", path, info.Mode().Perm(), err, want)
		}
	}
	s.stop()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range files {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v, %v", path, info.Mode().Perm(), err)
		}
	}
}

// A folder that others can enter is used, and the log warns of it.
func TestDataDir_OpenToOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := startIn(t, dir)
	if runtime.GOOS != "windows" && !strings.Contains(s.out.String(), "level=WARN") {
		t.Errorf("no warning of a data folder that others may read:\n%s", s.out)
	}
}

// In a folder that others can write, or through a link, the server would write to a file
// that is not its own.
func TestDataDir_NotItsOwn(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	for _, name := range []string{"sessions.db", "sessions.db.lock", "console.db", "console.db.lock", "accounts.sqlite", "accounts.sqlite-wal", "accounts.db"} {
		for how, link := range map[string]func(from, to string) error{"is a link": os.Symlink, "hard link": os.Link} {
			dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
			if err := errors.Join(os.WriteFile(other, []byte("keep"), 0o600), link(other, filepath.Join(dir, name))); err != nil {
				t.Fatal(err)
			}
			fails(t, dir, name, how)
			if b, err := os.ReadFile(other); string(b) != "keep" {
				t.Errorf("%s, %s: the file elsewhere is %q, %v; want it as it was", name, how, b, err)
			}
		}
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	fails(t, dir, dir, "chmod o-w")
}
