package main

import (
	"context"
	"sync/atomic"
	"time"
)

// paced puts a load on a server at a fixed rate: request number i is due at
// i / rate seconds after the beginning. Whichever connection is free sends
// the next; one that is late is sent at once, so that the number of requests
// is right as long as the server can keep up at all. Latencies are not worth
// looking at: they do not count from the instant that was due.
func paced(ctx context.Context, l load, rate int) (result, error) {
	p := pacer{began: time.Now(), pace: pace{float64(rate)}}
	p.last = p.pace.count(l.duration)
	var next atomic.Int64
	return visitWhile(l, func() bool { return p.wait(ctx, next.Add(1)-1) })
}

// A pacer waits for the instants of a pace.
type pacer struct {
	began time.Time
	pace  pace
	last  int64 // number of requests
}

// wait returns true when request number i is due, and false when there is no
// such request or the context is done.
func (p pacer) wait(ctx context.Context, i int64) bool {
	if i >= p.last || ctx.Err() != nil {
		return false
	}
	if early := time.Until(p.began.Add(p.pace.at(i))); early > 0 {
		time.Sleep(early) // a moment: connections / rate
	}
	return ctx.Err() == nil
}
