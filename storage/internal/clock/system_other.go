//go:build !linux

package clock

import (
	"sync"
	"time"
)

// systemClock follows monotonic time. When the wall clock runs ahead of it, as after
// a suspend, systemClock follows the wall clock. So setting the wall clock forward
// ends sessions early; no setting makes them last longer.
type systemClock struct {
	mu    sync.Mutex // protects last and total
	last  time.Time
	total time.Duration
}

// suspendAtLeast is the shortest difference that counts as a suspend, and not as
// jitter between the two clocks.
const suspendAtLeast = 500 * time.Millisecond

// System returns the clock of this machine.
func System() Clock { return &systemClock{last: time.Now()} }

func (c *systemClock) Wall() time.Time { return time.Now() }

// BootID is unknown on these systems, so the wall clock bridges every restart.
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
