package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestIsFull(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{syscall.ENOSPC, true},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}, true},
		{fmt.Errorf("commit: %w", syscall.EFBIG), true},
		{errors.New("file resize error: no space left on device"), true},
		{errors.New("no space left on device, says somebody"), false},
		{syscall.EIO, false},
		{syscall.EROFS, false},
	} {
		if got := IsFull(tc.err); got != tc.want {
			t.Errorf("IsFull(%v) = %v; want %v", tc.err, got, tc.want)
		}
	}
}

func TestWriteFile_Replaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"first", "second", ""} {
		if err := os.WriteFile(path+".new", []byte("half of one that a crash left"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(path, []byte(content)); err != nil {
			t.Errorf("WriteFile(%q) = %v", content, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("the file holds %q, %v; want %q", got, err, content)
		}
		info, err := os.Stat(path)
		if err != nil || OthersCanRead(info) {
			t.Errorf("the file is %v, %v; want it closed to others", info, err)
		}
		if _, err := os.Stat(path + ".new"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the other name: %v; want it gone", err)
		}
	}
}

func TestWriteFile_FailureLeavesTheOld(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.MkdirAll(filepath.Join(path+".new", "kept"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("new")); err == nil {
		t.Error("WriteFile over a folder that is not empty = nil; want an error")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("the file holds %q, %v; want the old", got, err)
	}
	if err := WriteFile(filepath.Join(dir, "missing", "file"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("WriteFile in a missing folder = %v; want %v", err, fs.ErrNotExist)
	}
}

func TestRename_Errors(t *testing.T) {
	dir := t.TempDir()
	if err := Rename(filepath.Join(dir, "missing"), filepath.Join(dir, "to")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Rename(missing) = %v; want %v", err, fs.ErrNotExist)
	}
}

func TestOthersCanRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[fs.FileMode]bool{0o600: false, 0o640: true, 0o604: true, 0o700: false, 0o610: true} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || OthersCanRead(info) != (want && os.PathSeparator == '/') {
			t.Errorf("OthersCanRead(%04o) = %v, %v; want %v", mode, OthersCanRead(info), err, want)
		}
	}
}
