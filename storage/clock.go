package storage

import "pagesession/storage/internal/clock"

// A Clock tells the time. Deadlines are kept on Boot, so neither a step of the wall
// clock nor a suspended machine makes a session live too long. Wall only bridges a
// restart of the machine.
type Clock = clock.Clock

// SystemClock returns the clock of this machine.
func SystemClock() Clock { return clock.System() }
