package file

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// MoveAside gives the old file a second name, which says when and why, and returns
// it. A file that has such a name already keeps it: while the disk is full, each start
// finds the same file. MoveAside never overwrites a file. It makes the file readable by
// its owner only, because Fiber's own driver stores ids in clear.
func MoveAside(path, suffix string, now time.Time) (string, error) {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().IsRegular() {
		_ = os.Chmod(path, 0o600) // fails on a file of another user
	}
	if err == nil {
		if name := nameOf(info, path+suffix); name != "" {
			return name, nil
		}
	}
	name, err := unusedName(path + suffix + now.UTC().Format("20060102T150405Z"))
	if err != nil {
		return name, err
	}
	// A link keeps the file under its own name until the new one replaces it, so it
	// is still found after a crash in between.
	if os.Link(path, name) == nil {
		return name, nil
	}
	return name, os.Rename(path, name)
}

// nameOf returns a name of a file that begins with prefix, or "".
func nameOf(file os.FileInfo, prefix string) string {
	dir := filepath.Dir(prefix)
	names, _ := os.ReadDir(dir) // of a folder that cannot be read it has none
	for _, e := range names {
		name := filepath.Join(dir, e.Name())
		if !strings.HasPrefix(e.Name(), filepath.Base(prefix)) {
			continue
		}
		if info, err := os.Lstat(name); err == nil && os.SameFile(info, file) {
			return name
		}
	}
	return ""
}

// unusedName returns base, or base with a number behind it.
func unusedName(base string) (string, error) {
	name := base
	for i := 2; ; i++ {
		switch _, err := os.Lstat(name); {
		case errors.Is(err, os.ErrNotExist):
			return name, nil
		case err != nil: // such as a name that is too long
			return name, err
		}
		name = base + "-" + strconv.Itoa(i)
	}
}
