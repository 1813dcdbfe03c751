// Package disk has what all owners of files need: durable names, files that are written
// as a whole, the errors of a full disk, and file systems of the network.
package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// IsFull reports whether err means that the disk, the quota or the largest size of a file
// is reached; a later try may succeed. It also compares the end of the text, because
// bbolt keeps only the text of some errors.
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

// SyncFolder makes the names in a folder durable after files were created, renamed or
// removed. On Windows it does nothing, since a rename is durable there.
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

// Rename renames the file from to the name to, durably. It replaces an existing file.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(to))
}

// WriteFile writes content to the file at path, durably, with mode 0600. After a crash the
// file has its old or its new content. It writes to path + ".new" first and replaces
// such a file of an earlier crash, so only one call for a path may run at a time.
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

// Create writes a new file with mode 0600 and syncs it. For an existing file the error is
// fs.ErrExist, and the file stays. After any other error the new file is removed.
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

// OthersCanRead reports whether the mode of a file or folder gives other users of the
// machine any access. It is always false on Windows, which has no such modes.
func OthersCanRead(info fs.FileInfo) bool {
	return info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/'
}
