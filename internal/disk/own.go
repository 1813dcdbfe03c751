package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// CheckOwn returns an error that says what to do if path is not a regular file with all of
// its names in its own folder. A missing file is fine. A link would have the program write
// to a file of somewhere else.
//
// Call it before the file is opened, in a folder that no other user can write: there
// nothing can change in between.
func CheckOwn(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%q is a link; put the file itself there", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%q is not a regular file; move it away", path)
	}
	return checkNames(path, info)
}

// checkNames compares the number of a file's names with those in its folder. A start that
// was interrupted leaves two names of a file there.
func checkNames(path string, info fs.FileInfo) error {
	all := links(info)
	if all <= 1 {
		return nil
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if other, err := e.Info(); err == nil && os.SameFile(info, other) {
			all--
		}
	}
	if all > 0 {
		return fmt.Errorf("%q has another name (a hard link) outside of its folder; put a copy in its place", path)
	}
	return nil
}

// CheckFolder returns an error that says what to do if users other than this process's own
// can write to a folder: everyone, or a group that the process is not in. In such a folder
// they could put links in place of files. It returns nil on Windows, which has no modes.
func CheckFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	mode := info.Mode().Perm()
	switch {
	case os.PathSeparator != '/':
		return nil
	case mode&0o002 != 0:
		return fmt.Errorf("every user can write to the folder %q (mode %04o); chmod o-w %[1]q, after a look at what is in it", dir, mode)
	case mode&0o020 != 0 && !isOwnGroup(info):
		return fmt.Errorf("a group that this process is not in can write to the folder %q (mode %04o); chmod g-w %[1]q, after a look at what is in it", dir, mode)
	}
	return nil
}

// CheckWriters returns an error that says what to do if users other than this process's own can
// write to a file: everyone, or a group that the process is not in. It completes a sentence about
// the file. It returns nil on Windows, which has no modes.
func CheckWriters(info fs.FileInfo) error {
	mode := info.Mode().Perm()
	switch {
	case os.PathSeparator != '/':
		return nil
	case mode&0o002 != 0:
		return fmt.Errorf("every user can write to (mode %04o); chmod o-w the file, after a look at what is in it", mode)
	case mode&0o020 != 0 && !isOwnGroup(info):
		return fmt.Errorf("its group, which this process is not in, can write to (mode %04o); chmod g-w the file, after a look at what is in it", mode)
	}
	return nil
}

// IsSecret reports whether other users of the machine have no access to a file with a secret.
// A group may read it if the process is in it and the file is root's: so Kubernetes hands a
// secret to a pod with fsGroup, whatever mode was asked for. It is always true on Windows.
func IsSecret(info fs.FileInfo) bool {
	return !OthersCanRead(info) || info.Mode().Perm()&0o037 == 0 && isLent(info, os.Geteuid())
}
