//go:build !linux

package file

import (
	"errors"
	"os"
)

// allocate makes a file longer, with room on the disk for all of it. Systems but
// Linux leave growing to bbolt.
func allocate(*os.File, int64, int64) error { return errors.ErrUnsupported }
