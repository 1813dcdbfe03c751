//go:build unix

package app

import (
	"os"
	"syscall"
)

// ownerOf returns the user id of a file's owner.
func ownerOf(path string) (int, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return int(info.Sys().(*syscall.Stat_t).Uid), nil
}
