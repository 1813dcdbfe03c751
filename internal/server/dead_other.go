//go:build !linux

package server

import (
	"syscall"
	"time"
)

// setUserTimeout does nothing: this system decides when a peer is gone.
func setUserTimeout(syscall.RawConn, time.Duration) error { return nil }
