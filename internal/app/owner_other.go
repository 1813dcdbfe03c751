//go:build !unix

package app

import "os"

// ownerOf returns the user to whom a file belongs. Where files have no such
// number, it is the caller's.
func ownerOf(path string) (int, error) {
	_, err := os.Stat(path)
	return os.Geteuid(), err
}
