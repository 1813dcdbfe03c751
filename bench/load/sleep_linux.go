package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// sleepUntil is exact to some 60 us: Go's own timers sleep whole milliseconds on
// Linux while nothing else goes on.
func sleepUntil(t time.Time) {
	if early := time.Until(t); early > 0 {
		ts := unix.NsecToTimespec(early.Nanoseconds())
		_ = unix.Nanosleep(&ts, nil) // an interrupted sleep makes one request early
	}
}
