//go:build !linux && !darwin && !freebsd && !windows

package disk

import "errors"

// Free returns an error: the question differs from system to system.
func Free(string) (free, size int64, err error) { return 0, 0, errors.ErrUnsupported }
