package control

import (
	"fmt"
	"os"
	"path/filepath"
)

// shorten returns a path to a name in a folder that a socket's address has room
// for, good until release.
func shorten(dir, name string) (path string, release func(), err error) {
	if path = filepath.Join(dir, name); len(path) <= longestPath {
		return path, func() {}, nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name), func() { _ = folder.Close() }, nil
}
