// Package disk has what the owners of files need alike: names that survive a
// power cut, whole files or none, and what a full disk is. It knows no format.
package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// IsFull tells the errors of a file that go away when there is room again: the disk,
// the quota or the largest size of a file is reached. bbolt keeps only the text of
// some, so the end of the text counts, too.
func IsFull(err error) bool {
	if err == nil {
		return false
	}
	for _, full := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || strings.HasSuffix(err.Error(), ": "+full.Error()) {
			return true
		}
	}
	return false
}

// SyncFolder makes the names in a folder durable: files that are new, renamed
// or removed. Windows has no such call; there a rename is durable by itself.
func SyncFolder(dir string) error {
	if os.PathSeparator != '/' {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Rename puts the file from in the place of to, durably.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(to))
}

// WriteFile puts content in the place of the file at path, durably and as a whole,
// for its owner only. It writes to path + ".new" first, and replaces what a crash left
// there. Two calls for one path at a time are a mistake.
func WriteFile(path string, content []byte) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := Create(fresh, content); err != nil {
		return err
	}
	return Rename(fresh, path)
}

// Create writes a new file that only its owner may read, and syncs it. A file
// that is there stays, and the error is fs.ErrExist; one that cannot be written
// whole is removed.
func Create(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// OthersCanRead reports whether the mode of a file or folder lets other users of
// the machine in. Windows has no such modes; there it is false.
func OthersCanRead(info fs.FileInfo) bool {
	return info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/'
}
