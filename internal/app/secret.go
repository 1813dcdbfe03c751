package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pagesession/internal/messages"
)

// secretKey returns the key of the data folder, with which the messages cookie
// is signed, and makes one at the first start. A key that is there is never
// replaced: an operator may have put it there, and a wrong one is a sign that
// something else is wrong too. The caller owns the folder.
func secretKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, "secret.key")
	key, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("secret key %q is a link to nothing; mount what it leads to, or remove it, and a new one is made", path)
	}
	return makeSecret(dir, path)
}

// readSecret reads at most one byte more than it wants, whatever the file is.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("secret key %q is not a file; move it away, and a new one is made", path)
	}
	if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		return nil, fmt.Errorf("secret key %q can be read by others (mode %04o); delete it, and a new one is made, "+
			"or chmod 600 it if nobody has seen it", path, info.Mode().Perm())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w; chown it to the user that serves", err)
	}
	key, err := io.ReadAll(io.LimitReader(f, messages.KeySize+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	if len(key) != messages.KeySize {
		return nil, fmt.Errorf("secret key %q has %d bytes, not %d; restore it from a backup, or delete it, and a new one is made",
			path, info.Size(), messages.KeySize)
	}
	return key, nil
}

// makeSecret writes a new key under another name, and gives it its own only
// when it is durable: after a crash there is a whole key or none.
func makeSecret(dir, path string) ([]byte, error) {
	key, fresh := messages.NewKey(), path+".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("make secret key: %w", err)
	}
	if err := writeDurably(fresh, key); err != nil {
		_ = os.Remove(fresh) // what is left of it does no harm
		return nil, fmt.Errorf("make secret key: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return nil, fmt.Errorf("make secret key: %w", err)
	}
	if err := syncFolder(dir); err != nil {
		return nil, fmt.Errorf("make secret key: %w", err)
	}
	return key, nil
}

// writeDurably makes a file that only we may read.
func writeDurably(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncFolder makes a rename in a folder durable. Windows cannot, and does not
// need to.
func syncFolder(dir string) error {
	if os.PathSeparator != '/' {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
