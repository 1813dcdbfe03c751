package clock

import (
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// systemClock reads CLOCK_BOOTTIME at the price of time.Now. Go needs a system call
// for the kernel's boot clock; time.Now needs none, but its monotonic part stands
// still during a suspend. A suspend moves the wall clock against it. So while their
// difference holds, boot time is monotonic time plus what was measured last; when
// it changes, the kernel is asked again.
type systemClock struct {
	base   time.Time // carries the monotonic reading that skew refers to
	bootID string
	skew   atomic.Pointer[skew]
	kernel func() time.Duration
}

type skew struct {
	wall time.Duration // wall - monotonic
	boot time.Duration // boot - monotonic
}

// skewTolerance absorbs the time between the two readings inside time.Now. It
// is the most that a suspend could add to a deadline unseen.
const skewTolerance = time.Millisecond

// System returns the clock of this machine.
func System() Clock {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	c := &systemClock{base: time.Now(), bootID: strings.TrimSpace(string(id)), kernel: kernelBoot}
	for range 3 { // the first reading may have lost the processor
		c.measure()
	}
	return c
}

func (c *systemClock) Wall() time.Time { return time.Now() }
func (c *systemClock) BootID() string  { return c.bootID }

func (c *systemClock) Boot() time.Duration {
	t := time.Now()
	mono := t.Sub(c.base)
	s := c.skew.Load()
	if d := time.Duration(t.UnixNano()) - mono - s.wall; d > skewTolerance || d < -skewTolerance {
		return mono + c.measure().boot
	}
	return mono + s.boot
}

// measure asks the kernel. A thread that loses the processor between the two
// readings makes the difference too small. In truth it never shrinks, so the
// largest one seen is the best.
func (c *systemClock) measure() *skew {
	for {
		old := c.skew.Load()
		boot := c.kernel()
		t := time.Now()
		mono := t.Sub(c.base)
		next := &skew{wall: time.Duration(t.UnixNano()) - mono, boot: boot - mono}
		if old != nil && next.boot < old.boot {
			next.boot = old.boot
		}
		if c.skew.CompareAndSwap(old, next) {
			return next
		}
	}
}

func kernelBoot() time.Duration {
	var ts unix.Timespec
	// Fails only for a clock the kernel does not have; 2.6.39 has this one.
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	return time.Duration(ts.Nano())
}
