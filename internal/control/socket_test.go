package control

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestBind_ReplacesWhatAKilledServerLeft(t *testing.T) {
	dir := t.TempDir()
	dead, err := bind(dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = dead.Close() // as a kill does, it leaves the name
	if _, err := dial(dir); !errors.Is(err, errNoServer) {
		t.Errorf("dial a dead socket = %v; want %v", err, errNoServer)
	}
	for _, left := range []string{bindFolder + "1", uploadFile + "2"} {
		if err := os.Mkdir(filepath.Join(dir, left), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ln, err := bind(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	conn, err := dial(dir)
	if err != nil {
		t.Fatalf("dial = %v; want a connection", err)
	}
	_ = conn.Close()
	if entries, _ := os.ReadDir(dir); len(entries) != 1 || entries[0].Name() != socketName {
		t.Errorf("the folder holds %v; want the socket alone", entries)
	}
}

func TestDial_NoServerWithoutASocket(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing")} {
		if _, err := dial(dir); !errors.Is(err, errNoServer) {
			t.Errorf("dial(%q) = %v; want %v", dir, err, errNoServer)
		}
	}
}

// Anything but a socket stays unchanged.
func TestBind_LeavesOthersAlone(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere.sock")
	ln, err := net.Listen("unix", elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	for what, put := range map[string]func(path string) error{
		"file":              func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"folder":            func(path string) error { return os.Mkdir(path, 0o700) },
		"link to nothing":   func(path string) error { return os.Symlink("nothing", path) },
		"link to a socket":  func(path string) error { return os.Symlink(elsewhere, path) },
		"link to ourselves": func(path string) error { return os.Symlink(socketName, path) },
	} {
		dir := t.TempDir()
		if err := put(socketPath(dir)); err != nil {
			t.Fatal(err)
		}
		before, _ := os.Lstat(socketPath(dir))
		ln, err := bind(dir)
		if err == nil {
			_ = ln.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "is not a socket; move it away") {
			t.Errorf("%s: bind = %v; want that it is not a socket", what, err)
		}
		if after, err := os.Lstat(socketPath(dir)); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s: it was taken away", what)
		}
	}
}

// Other users can never connect: the socket has its mode when it gets its name, and
// before that it is in a folder that only its owner may enter.
func TestBind_ModeFromTheFirstInstant(t *testing.T) {
	dir := t.TempDir()
	watched := make(chan string, 1)
	go func() { watched <- watch(dir) }()
	for {
		ln, err := bind(dir)
		if err != nil {
			t.Fatal(err)
		}
		_ = ln.Close()
		_ = os.Remove(socketPath(dir))
		select {
		case bad := <-watched:
			if bad != "" {
				t.Error(bad)
			}
			return
		default:
		}
	}
}

// watch looks at the files in a folder until it has seen one 2,000 times, and returns one
// that others could have opened.
func watch(dir string) string {
	for seen := 0; seen < 2000; {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if info, err := os.Lstat(filepath.Join(dir, e.Name())); err == nil {
				seen++
				if mode := info.Mode(); mode.Perm()&0o077 != 0 {
					return e.Name() + " has mode " + mode.String()
				}
			}
		}
	}
	return ""
}

// A folder's path may be longer than a socket's path may be.
func TestBind_LongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 40))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ln, err := bind(dir)
	if runtime.GOOS != "linux" {
		if err == nil || !strings.Contains(err.Error(), "choose a shorter --data-dir") {
			t.Errorf("bind = %v; want that the path is too long", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	conn, err := dial(dir)
	if err != nil {
		t.Fatalf("dial = %v; want a connection", err)
	}
	_ = conn.Close()
	info, err := os.Lstat(socketPath(dir))
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("the socket is %v, %v; want 0600", info, err)
	}
}

// Other users get an error that says who may connect.
func TestDial_NotAllowed(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("root may connect to every socket; see internal/e2e for another user")
		return
	}
	dir := t.TempDir()
	ln, err := bind(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	if err := os.Chmod(socketPath(dir), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(dir); err == nil || errors.Is(err, errNoServer) || !strings.Contains(err.Error(), "as root") {
		t.Errorf("dial = %v; want that we may not", err)
	}
}
