package listen

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

func TestParse(t *testing.T) {
	for s, want := range map[string]Address{
		":0":                             {HostPort: ":0"},
		"[::]:8000":                      {HostPort: "[::]:8000"},
		"unix:/run/a.sock":               {Path: "/run/a.sock", Mode: 0o600},
		"unix:/run/a.sock,mode=0660":     {Path: "/run/a.sock", Mode: 0o660},
		"unix:/run/a b:80.s,mode=666":    {Path: "/run/a b:80.s", Mode: 0o666},
		"unix:" + long(longestPath, "x"): {Path: long(longestPath, "x"), Mode: 0o600},
	} {
		if got, err := Parse(s); err != nil || got != want {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", s, got, err, want)
		}
	}
}

func TestParse_Mistakes(t *testing.T) {
	for s, want := range map[string]string{
		"unix:":                               "is not the absolute path",
		"unix:a.sock":                         "is not the absolute path",
		"unix:@abstract":                      "is not the absolute path",
		"unix:/run/a,b":                       "is not the absolute path",
		"unix:/run/a\x00b":                    "is not the absolute path",
		"unix:/run/a,mode=":                   "has an invalid mode",
		"unix:/run/a,mode=1777":               "has an invalid mode",
		"unix:/run/a,mode=0999":               "has an invalid mode",
		"unix:/run/a,mode=0066":               "has an invalid mode", // not even its owner
		"unix:/run/a,mode=-1":                 "has an invalid mode",
		"unix:" + long(longestPath+1, "long"): "choose a shorter one",
	} {
		if got, err := Parse(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %+v, %v; want %q", s, got, err, want)
		}
	}
}

func long(n int, fill string) string { return ("/" + strings.Repeat(fill, n))[:n] }

// A socket has its mode, answers, and is gone when its listener closes.
func TestListen_Unix(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	path := filepath.Join(t.TempDir(), "http.sock")
	for _, mode := range []fs.FileMode{0o600, 0o660, 0o666} {
		ln, err := Address{Path: path, Mode: mode}.Listen()
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode() != fs.ModeSocket|mode {
			t.Errorf("socket: %v, %v; want mode %v", info, err, mode)
		}
		if ln.Addr().String() != path || ln.Addr().Network() != "unix" {
			t.Errorf("Addr() = %v; want %v", ln.Addr(), path)
		}
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		if err := ln.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
		if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
			t.Errorf("after Close: %v; want nothing", left)
		}
	}
}

// The socket of a dead server is replaced. One that answers stays, and so does a file.
func TestListen_UnixInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "http.sock")
	a := Address{Path: path, Mode: 0o600}
	dead, err := Replace(path, 0o600, ".dead-")
	if err != nil {
		t.Fatal(err)
	}
	_ = dead.Close() // as a kill does, it leaves the name
	alive, err := a.Listen()
	if err != nil {
		t.Fatalf("Listen on a dead socket = %v; want it replaced", err)
	}
	before, _ := os.Lstat(path)
	if ln, err := a.Listen(); err == nil || !strings.Contains(err.Error(), "stop it") {
		t.Errorf("Listen on a socket in use = %v, %v; want that another server answers", ln, err)
	}
	if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
		t.Error("the socket in use was replaced")
	}
	_ = alive.Close()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Listen(); err == nil || !strings.Contains(err.Error(), "is not a socket") {
		t.Errorf("Listen on a file = %v; want that it is not a socket", err)
	}
}

// A listener removes its own socket only.
func TestListen_UnixReplacedMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "http.sock")
	first, err := Address{Path: path, Mode: 0o600}.Listen()
	if err != nil {
		t.Fatal(err)
	}
	second, err := Replace(path, 0o600, ".second-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	_ = first.Close()
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		t.Error("the first listener removed the second one's socket")
	}
}
