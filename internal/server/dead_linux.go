package server

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// setUserTimeout has the system end a connection whose peer has acknowledged nothing for that
// long, though bytes wait for it. 0 leaves it to the system's rules.
func setUserTimeout(c syscall.RawConn, after time.Duration) error {
	var set error
	err := c.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(after.Milliseconds()))
	})
	if err := errors.Join(err, set); err != nil {
		return fmt.Errorf("set the time for a client that has vanished: %w", err)
	}
	return nil
}
