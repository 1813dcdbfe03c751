package redis

import (
	"sync"
	"sync/atomic"
	"time"
)

// A clock estimates Redis's clock, in Unix milliseconds. It asks for TIME once a second and
// counts on by the machine's own clock, which does not jump. An answer was made between the
// instants at which the command was sent and the answer came, so there are two estimates:
// one is never behind, the other never ahead, unless Redis's clock was stepped since the last
// answer. Of the nodes of a Cluster the most advanced counts for the one, and the last for
// the other. It is safe for concurrent use.
type clock struct {
	start time.Time // has a monotonic reading

	// Redis's clock minus the time since start, in microseconds
	most, least atomic.Int64

	mu    sync.Mutex // protects round
	round []bounds   // the answers of the round under way
}

type bounds struct{ most, least int64 }

func (c *clock) since() time.Duration { return time.Since(c.start) }

// now returns the estimate that is never behind, rounded up.
func (c *clock) now() int64 { return (c.most.Load() + c.since().Microseconds() + 999) / 1000 }

// atLeast returns the estimate that is never ahead, rounded down.
func (c *clock) atLeast() int64 { return (c.least.Load() + c.since().Microseconds()) / 1000 }

// add takes an answer of TIME.
func (c *clock) add(sent, received time.Duration, unixMicro int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.round = append(c.round, bounds{unixMicro - sent.Microseconds(), unixMicro - received.Microseconds()})
}

// end makes the answers since the last end count. Without an answer the clock goes on as it
// is.
func (c *clock) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.round) == 0 {
		return
	}
	most, least := c.round[0].most, c.round[0].least
	for _, b := range c.round {
		most, least = max(most, b.most), min(least, b.least)
	}
	c.most.Store(most)
	c.least.Store(least)
	c.round = c.round[:0]
}
