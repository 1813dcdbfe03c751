package clock

import (
	"testing"
	"time"
)

// After a suspend the kernel's boot clock is ahead of the monotonic clock. The
// system clock must show that at its next reading.
func TestSystemClock_CountsSuspend(t *testing.T) {
	var suspended time.Duration
	c := &systemClock{base: time.Now(), kernel: func() time.Duration { return kernelBoot() + suspended }}
	c.measure()
	before := c.Boot()
	suspended = time.Hour
	// After a suspend the wall clock is ahead of the monotonic one.
	s := *c.skew.Load()
	s.wall -= time.Hour
	c.skew.Store(&s)
	if got := c.Boot() - before; got < time.Hour || got > time.Hour+time.Second {
		t.Errorf("Boot moved by %v over a suspend of 1h; want 1h", got)
	}
}

func TestSystemClock_FollowsTheKernel(t *testing.T) {
	c := System()
	last := c.Boot()
	for range 10_000 {
		now := c.Boot()
		if now < last {
			t.Fatalf("Boot went back by %v", last-now)
		}
		last = now
	}
	if d := kernelBoot() - c.Boot(); d > 50*time.Millisecond || d < -50*time.Millisecond {
		t.Errorf("Boot is %v off the kernel's", d)
	}
}

// Setting the wall clock moves nothing.
func TestSystemClock_IgnoresWallSteps(t *testing.T) {
	c := System().(*systemClock)
	before := c.Boot()
	s := *c.skew.Load()
	s.wall += 5 * time.Hour
	c.skew.Store(&s)
	if got := c.Boot() - before; got < 0 || got > time.Second {
		t.Errorf("Boot moved by %v over a step of the wall clock; want about 0", got)
	}
}
