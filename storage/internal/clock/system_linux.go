package clock

import (
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// systemClock reads CLOCK_BOOTTIME at the price of time.Now. In Go the kernel's boot
// clock costs a system call. time.Now costs none, but its monotonic part stands
// still during a suspend, while the wall clock goes on. So while the difference
// between the two holds, boot time is monotonic time plus an offset measured
// earlier; when the difference changes, the kernel is asked again.
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

// skewTolerance allows for the time between the two readings inside time.Now. It
// bounds the suspend time that can go unnoticed and make a session live longer.
const skewTolerance = time.Millisecond

// System returns the clock of this machine.
func System() Clock {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	c := &systemClock{base: time.Now(), bootID: strings.TrimSpace(string(id)), kernel: kernelBoot}
	for range 3 { // a reading is too low if the thread lost the processor; see measure
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

// measure asks the kernel for the offset. If the thread loses the processor between
// the two readings, the offset comes out too small. The true offset never shrinks,
// so the largest one seen is the best.
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
	// It fails only if the kernel lacks the clock, which Linux has since 2.6.39.
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	return time.Duration(ts.Nano())
}
