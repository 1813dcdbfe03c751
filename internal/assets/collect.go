package assets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"pagesession/internal/disk"
)

// Collected says what Collect did.
type Collected struct {
	Written int `json:"written"`
	Kept    int `json:"kept"`    // that were there already
	Removed int `json:"removed"` // of earlier versions
}

// marker is the file by which Collect knows its folders.
const marker = ".pagesession-static"

// Collect writes the files under their names with hashes to a folder, also compressed as
// NAME.br and NAME.gz, readable for all users. It makes a missing folder, and refuses one with
// files that are not its own. Each file appears as a whole. Files of earlier versions stay for
// pages that browsers have open; with clear it removes them.
func (a Files) Collect(dir string, clear bool) (done Collected, err error) {
	if err := take(dir); err != nil {
		return done, err
	}
	wanted := map[string][]byte{}
	for plain, file := range a {
		if file.hashed == "" || !strings.HasPrefix(plain, folder) {
			continue
		}
		for _, e := range file.encodings {
			wanted[strings.TrimPrefix(file.hashed, folder)+suffixes[e.name]] = e.body
		}
	}
	for name, body := range wanted {
		if isThere(filepath.Join(dir, name), body) {
			done.Kept++
			continue
		}
		if err := write(dir, name, body); err != nil {
			return done, fmt.Errorf("write static file: %w", err)
		}
		done.Written++
	}
	if done.Removed, err = sweep(dir, wanted, clear); err != nil {
		return done, fmt.Errorf("remove static files: %w", err)
	}
	return done, disk.SyncFolder(dir)
}

// suffixes end the names of compressed files, as nginx and others look for them.
var suffixes = map[string]string{"": "", "br": ".br", "gzip": ".gz"}

// take makes the folder, or checks that it is empty or one of Collect's.
func take(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("create folder for static files: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read folder for static files: %w", err)
	}
	switch info, err := os.Lstat(filepath.Join(dir, marker)); {
	case err == nil && info.Mode().IsRegular():
		return nil
	case len(entries) > 0:
		return fmt.Errorf("folder %q has files that collectstatic has not written; name an empty or a new folder", dir)
	}
	return write(dir, marker, []byte("Written by pagesession collectstatic.\n"))
}

// isThere reports whether a file has this content.
func isThere(path string, body []byte) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(body)) {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	has, err := io.ReadAll(io.LimitReader(f, int64(len(body))+1))
	return err == nil && bytes.Equal(has, body)
}

// partly begins the names of files that are being written.
const partly = ".partly-"

// write writes a file so that others see nothing or all of it, also after a crash.
func write(dir, name string, body []byte) error {
	f, err := os.CreateTemp(dir, partly+"*")
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// named matches the names that Collect gives.
var named = regexp.MustCompile(`^[A-Za-z0-9._-]+-[0-9a-f]{12}\.[a-z]+(\.br|\.gz)?$`)

// sweep removes what a crash has left half written, and with all what earlier versions have
// written. It returns the number of those.
func sweep(dir string, wanted map[string][]byte, all bool) (n int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		old := all && wanted[e.Name()] == nil && named.MatchString(e.Name())
		if !old && !strings.HasPrefix(e.Name(), partly) || !e.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, err
		}
		if old {
			n++
		}
	}
	return n, nil
}
