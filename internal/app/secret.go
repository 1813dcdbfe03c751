package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pagesession/internal/disk"
	"pagesession/internal/page"
)

// secretKey returns the key of the data folder, with which the flash cookie is
// signed, and makes one at the first start. It never replaces a key, which may be the
// operator's. The caller owns the folder.
func secretKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, "secret.key")
	key, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("secret key %q is a link to nothing; mount what it leads to, or remove it, and a new one is made", path)
	}
	key = page.NewFlashKey()
	if err := disk.WriteFile(path, key); err != nil {
		return nil, fmt.Errorf("make secret key: %w", err)
	}
	return key, nil
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
	if disk.OthersCanRead(info) {
		return nil, fmt.Errorf("secret key %q can be read by others (mode %04o); delete it, and a new one is made, "+
			"or chmod 600 it if nobody has seen it", path, info.Mode().Perm())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w; chown it to the user that serves", err)
	}
	key, err := io.ReadAll(io.LimitReader(f, page.FlashKeySize+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	if len(key) != page.FlashKeySize {
		return nil, fmt.Errorf("secret key %q has %d bytes, not %d; restore it from a backup, or delete it, and a new one is made",
			path, info.Size(), page.FlashKeySize)
	}
	return key, nil
}
