//go:build !linux

package control

import (
	"fmt"
	"path/filepath"
)

// shorten returns the path to a name in a folder if a socket's address has room
// for it.
func shorten(dir, name string) (path string, release func(), err error) {
	if path = filepath.Join(dir, name); len(path) > longestPath {
		return "", nil, tooLong(path)
	}
	return path, func() {}, nil
}

// tooLong is the error for a path that no socket can have.
func tooLong(path string) error {
	return fmt.Errorf("the path of the control socket has %d bytes, and this system allows %d; choose a shorter --data-dir: %q",
		len(path), longestPath, path)
}
