package main

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// paced puts a load on a server at a fixed rate: request number i is due at
// i / rate seconds after the beginning. Whichever connection is free sends
// the next; one that is late is sent at once, so that the number of requests
// is right as long as the server can keep up at all. Latencies are not worth
// looking at: they do not count from the instant that was due.
func paced(ctx context.Context, l load, rate int) (result, error) {
	target, err := url.Parse(l.url)
	if err != nil {
		return result{}, fmt.Errorf("paced load: %w", err)
	}
	http := newHTTPClient(target.Host, l.connections)
	defer http.CloseIdleConnections()
	workers := make([]*ownWorker, l.connections)
	var turn, next atomic.Int64
	var all sync.WaitGroup
	pace := pacer{began: time.Now(), rate: rate, last: dueBefore(l.duration, rate)}
	for i := range workers {
		workers[i] = newOwnWorker(http, l, &turn)
		all.Go(func() {
			for pace.wait(ctx, next.Add(1)-1) {
				workers[i].visit()
			}
		})
	}
	all.Wait()
	return addUp(workers, time.Since(pace.began)), nil
}

// A pacer knows when each request is due.
type pacer struct {
	began time.Time
	rate  int
	last  int64 // number of requests
}

// dueBefore is how many requests are due within d.
func dueBefore(d time.Duration, rate int) int64 {
	return int64(d.Seconds() * float64(rate))
}

// wait returns true when request number i is due, and false when there is no
// such request or the context is done.
func (p pacer) wait(ctx context.Context, i int64) bool {
	if i >= p.last || ctx.Err() != nil {
		return false
	}
	due := p.began.Add(time.Duration(float64(i) / float64(p.rate) * float64(time.Second)))
	if early := time.Until(due); early > 0 {
		time.Sleep(early) // a moment: connections / rate
	}
	return ctx.Err() == nil
}
