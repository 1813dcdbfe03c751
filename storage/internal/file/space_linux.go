package file

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// allocate makes a file longer, with room on the disk for all of it.
func allocate(f *os.File, from, n int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, from, n)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
