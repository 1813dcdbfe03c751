package redis

import (
	"sync"
	"sync/atomic"
	"time"
)

// A clock estimates Redis's clock, in Unix milliseconds. It asks for TIME once a second and
// counts on by the machine's own clock, which does not jump. It is never behind, unless
// Redis's clock was stepped forward since the last answer: it takes the instant at which
// the command was sent for the one at which Redis read its clock. Of the nodes of a Cluster
// the most advanced counts. It is safe for concurrent use.
type clock struct {
	start  time.Time    // has a monotonic reading
	ahead  atomic.Int64 // Redis's clock minus the time since start, in microseconds
	mu     sync.Mutex   // protects sample
	sample int64        // the largest value of ahead in the round under way
}

func (c *clock) since() time.Duration { return time.Since(c.start) }

// now returns the estimate, rounded up.
func (c *clock) now() int64 {
	return (c.ahead.Load() + c.since().Microseconds() + 999) / 1000
}

// begin begins a round of answers.
func (c *clock) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sample = 0
}

// add takes an answer of TIME to a command that was sent at the instant sent.
func (c *clock) add(sent time.Duration, unixMicro int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sample = max(c.sample, unixMicro-sent.Microseconds())
}

// end makes the answers of the round count. Without an answer the clock goes on as it is.
func (c *clock) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sample != 0 {
		c.ahead.Store(c.sample)
	}
}

// atLeast moves the clock forward to an instant that a script has answered.
func (c *clock) atLeast(ms int64) {
	behind := (ms - c.now()) * 1000
	if behind > 0 {
		c.ahead.Add(behind)
	}
}
