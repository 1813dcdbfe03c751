package testkit

import (
	"sync"
	"time"
)

// A Clock is a fake wall clock and boot clock, which a test moves. It fits the clocks of
// storage, session, account and the pages. It is safe for concurrent use.
type Clock struct {
	mu   sync.Mutex // protects the fields below
	wall time.Time
	boot time.Duration
	id   string
}

// NewClock returns a clock at 10:22:05 p.m. of 22 November 2026, UTC, on a
// machine that started an hour before.
func NewClock() *Clock { return ClockAt(time.Date(2026, time.November, 22, 22, 22, 5, 0, time.UTC)) }

// ClockAt returns a clock whose wall clock is at.
func ClockAt(at time.Time) *Clock { return &Clock{wall: at, boot: time.Hour, id: "boot-1"} }

// CopyOf returns a clock with the present time of another one.
func CopyOf(c interface {
	Wall() time.Time
	Boot() time.Duration
	BootID() string
}) *Clock {
	return &Clock{wall: c.Wall(), boot: c.Boot(), id: c.BootID()}
}

// Now is Wall, as a replacement for time.Now.
func (c *Clock) Now() time.Time { return c.Wall() }

// Wall returns the civil time.
func (c *Clock) Wall() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall
}

// Boot returns the time since the machine started.
func (c *Clock) Boot() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.boot
}

// BootID returns the id of this run of the machine.
func (c *Clock) BootID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id
}

// Advance moves both clocks.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot = c.wall.Add(d), c.boot+d
}

// Step moves only the wall clock, as an operator does who sets it.
func (c *Clock) Step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(d)
}

// Reboot simulates a restart of the machine that takes d.
func (c *Clock) Reboot(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot, c.id = c.wall.Add(d), time.Second, c.id+"+"
}
