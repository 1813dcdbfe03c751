//go:build unix

package disk

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestCheckOwn(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(t *testing.T, path, elsewhere string) error
		want string // in the error; "": none
	}{
		{"missing", func(*testing.T, string, string) error { return nil }, ""},
		{"a file", func(_ *testing.T, path, _ string) error { return os.WriteFile(path, nil, 0o600) }, ""},
		{"a link", func(_ *testing.T, path, elsewhere string) error { return os.Symlink(elsewhere, path) }, "is a link"},
		{"a link to nothing", func(_ *testing.T, path, _ string) error { return os.Symlink("nothing", path) }, "is a link"},
		{"a folder", func(_ *testing.T, path, _ string) error { return os.Mkdir(path, 0o700) }, "not a regular file"},
		{"a pipe", func(_ *testing.T, path, _ string) error { return syscall.Mkfifo(path, 0o600) }, "not a regular file"},
		{"a hard link to elsewhere", func(_ *testing.T, path, elsewhere string) error { return os.Link(elsewhere, path) }, "hard link"},
		{"a second name beside it", func(_ *testing.T, path, _ string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Link(path, path+".damaged")
		}, ""},
		{"a second name beside it and a third elsewhere", func(_ *testing.T, path, elsewhere string) error {
			if err := os.Link(elsewhere, path); err != nil {
				return err
			}
			return os.Link(path, path+".damaged")
		}, "hard link"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path, elsewhere := filepath.Join(t.TempDir(), "sessions.db"), filepath.Join(t.TempDir(), "other")
			if err := os.WriteFile(elsewhere, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := test.make(t, path, elsewhere); err != nil {
				t.Fatal(err)
			}
			err := CheckOwn(path)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("CheckOwn: %v; want %q", err, test.want)
			}
		})
	}
}

func TestCheckFolder(t *testing.T) {
	const foreign = 54321 // a group that the test is not in
	for _, test := range []struct {
		mode  os.FileMode
		group int
		good  bool
	}{
		{0o700, os.Getegid(), true},
		{0o755, os.Getegid(), true},
		{0o770, os.Getegid(), true}, // Kubernetes
		{0o777, os.Getegid(), false},
		{0o702, os.Getegid(), false},
		{0o777 | os.ModeSticky, os.Getegid(), false},
		{0o770, foreign, false},
		{0o750, foreign, true},
	} {
		dir := t.TempDir()
		if err := os.Chown(dir, -1, test.group); err != nil {
			t.Logf("%v: needs root", err)
			continue
		}
		if err := os.Chmod(dir, test.mode); err != nil {
			t.Fatal(err)
		}
		err := CheckFolder(dir)
		if (err == nil) != test.good || err != nil && !strings.Contains(err.Error(), "chmod") {
			t.Errorf("mode %v, group %d: %v; want good %v, and the chmod", test.mode, test.group, err, test.good)
		}
	}
}

// A secret that root lends to a group of the process is one, as in Kubernetes; for root itself
// the group is others.
func TestIsSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		mode         os.FileMode
		owner, group int
		secret, lent bool
	}{
		{0o400, os.Geteuid(), os.Getegid(), true, os.Geteuid() == 0},
		{0o440, 0, os.Getegid(), os.Geteuid() != 0, true},
		{0o440, 54321, os.Getegid(), false, false},
		{0o440, 0, 54321, false, false},
		{0o444, 0, os.Getegid(), false, true},
		{0o460, 0, os.Getegid(), false, true},
	} {
		if err := os.Chown(path, test.owner, test.group); err != nil {
			t.Logf("%+v: needs root", test)
			continue
		}
		if err := os.Chmod(path, test.mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if IsSecret(info) != test.secret || isLent(info, 65532) != test.lent {
			t.Errorf("%+v: IsSecret = %v, isLent = %v", test, IsSecret(info), isLent(info, 65532))
		}
	}
}
