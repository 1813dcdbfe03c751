//go:build !linux

package clock

import (
	"sync"
	"time"
)

// systemClock follows monotonic time, and jumps ahead with the wall clock when that
// ran away from it, as it does in a suspend. A wall clock that is set forward
// therefore ends sessions early, never late.
type systemClock struct {
	mu    sync.Mutex // protects last and total
	last  time.Time
	total time.Duration
}

// suspendAtLeast tells a suspend from the jitter between the two clocks.
const suspendAtLeast = 500 * time.Millisecond

// System returns the clock of this machine.
func System() Clock { return &systemClock{last: time.Now()} }

func (c *systemClock) Wall() time.Time { return time.Now() }

// BootID is not known here, so a restart is bridged by the wall clock.
func (c *systemClock) BootID() string { return "" }

func (c *systemClock) Boot() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := time.Now()
	mono, wall := t.Sub(c.last), t.Round(0).Sub(c.last.Round(0))
	if wall-mono >= suspendAtLeast {
		mono = wall
	}
	c.last = t
	c.total += mono
	return c.total
}
