package testkit

import (
	"sync"
	"time"
)

// A Clock is a wall clock and a boot clock that stand still until a test moves
// them. It is what storage, session, account and the pages need of a clock, and
// is safe for concurrent use.
type Clock struct {
	mu   sync.Mutex // protects what follows
	wall time.Time
	boot time.Duration
	id   string
}

// NewClock returns a clock at 10:22:05 p.m. of 22 November 2026, UTC, on a
// machine that started an hour before.
func NewClock() *Clock { return ClockAt(time.Date(2026, time.November, 22, 22, 22, 5, 0, time.UTC)) }

// ClockAt returns a clock whose wall clock says at.
func ClockAt(at time.Time) *Clock { return &Clock{wall: at, boot: time.Hour, id: "boot-1"} }

// CopyOf returns a clock that stands at what another one says now.
func CopyOf(c interface {
	Wall() time.Time
	Boot() time.Duration
	BootID() string
}) *Clock {
	return &Clock{wall: c.Wall(), boot: c.Boot(), id: c.BootID()}
}

// Now is Wall, for those who need nothing else of a clock.
func (c *Clock) Now() time.Time { return c.Wall() }

// Wall is the civil time.
func (c *Clock) Wall() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall
}

// Boot is the time since the machine started.
func (c *Clock) Boot() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.boot
}

// BootID names this run of the machine.
func (c *Clock) BootID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id
}

// Advance lets time pass on both clocks.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot = c.wall.Add(d), c.boot+d
}

// Step moves the wall clock only, as an operator who sets it does.
func (c *Clock) Step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(d)
}

// Reboot is a restart of the machine that took d.
func (c *Clock) Reboot(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot, c.id = c.wall.Add(d), time.Second, c.id+"+"
}
