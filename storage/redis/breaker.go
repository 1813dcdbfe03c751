package redis

import (
	"sync/atomic"
	"time"
)

// A breaker makes calls fail at once while Redis is away, so that visitors get their
// answer and requests do not pile up. It opens when a call has failed for good, which takes
// CommandTimeout at most. Then one call is let through every 100 to 200 ms, and the first
// that succeeds closes it. When no call was made for longer than that, what it knows is old,
// and it lets all through: in a Cluster few calls meet one breaker, so it may learn late
// that Redis is back, and would refuse one of two calls at once. It is safe for concurrent
// use. The zero value is closed.
type breaker struct {
	next  atomic.Int64 // when the next call is let through, in nanoseconds since start; 0: closed
	begun atomic.Int64 // when it opened; counts while it is open
}

// The time between two calls that are let through, and by how much it varies, so that the
// servers do not all try at once.
const tryGap, tryJitter = 100 * time.Millisecond, 100 * time.Millisecond

// staleAfter is how long after the time of the next call what is known is old.
const staleAfter = 300 * time.Millisecond

// allow reports whether a call may run now.
func (b *breaker) allow(now time.Duration) bool {
	next := b.next.Load()
	switch late := int64(now) - next; {
	case next == 0 || late > int64(staleAfter):
		return true
	case late < 0:
		return false
	default:
		return b.next.CompareAndSwap(next, int64(now+gap()))
	}
}

func (b *breaker) succeeded() {
	if b.next.Load() != 0 {
		b.next.Store(0)
	}
}

func (b *breaker) failed(now time.Duration) {
	if b.next.Swap(int64(now+gap())) == 0 {
		b.begun.Store(int64(now))
	}
}

// open reports whether it is open, and since when.
func (b *breaker) open() (since time.Duration, ok bool) {
	return time.Duration(b.begun.Load()), b.next.Load() != 0
}

func gap() time.Duration { return tryGap + jitter(tryJitter) }
