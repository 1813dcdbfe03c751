package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// sleepUntil is precise to 60 us. Go's timers sleep whole milliseconds on an idle Linux.
func sleepUntil(t time.Time) {
	if early := time.Until(t); early > 0 {
		ts := unix.NsecToTimespec(early.Nanoseconds())
		_ = unix.Nanosleep(&ts, nil) // after an interrupt one request leaves early
	}
}
