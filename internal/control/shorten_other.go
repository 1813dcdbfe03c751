//go:build !linux

package control

import "path/filepath"

// shorten returns the path to a name in a folder if a socket's address has room
// for it.
func shorten(dir, name string) (path string, release func(), err error) {
	if path = filepath.Join(dir, name); len(path) > longestPath {
		return "", nil, tooLong(path)
	}
	return path, func() {}, nil
}
