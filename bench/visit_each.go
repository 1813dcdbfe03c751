package main

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// visitEach visits every id of the load once, with all its connections and
// without a limit of time, and judges the answers: after it, each session is
// known to be there or not.
func visitEach(ctx context.Context, l load) (result, error) {
	target, err := url.Parse(l.url)
	if err != nil {
		return result{}, fmt.Errorf("visit each: %w", err)
	}
	http := newHTTPClient(target.Host, l.connections)
	defer http.CloseIdleConnections()
	workers := make([]*ownWorker, l.connections)
	var turn, begun atomic.Int64
	var all sync.WaitGroup
	started := time.Now()
	for i := range workers {
		workers[i] = newOwnWorker(http, l, &turn)
		all.Go(func() {
			for ctx.Err() == nil && begun.Add(1) <= int64(len(l.ids)) {
				workers[i].visit()
			}
		})
	}
	all.Wait()
	return addUp(workers, time.Since(started)), ctx.Err()
}

// flawless reports whether every request was answered rightly.
func (r result) flawless() bool { return r.Good > 0 && r.Errors+r.Expired+r.Wrong == 0 }

// p99 is 0 where there is no latency.
func (r result) p99() float64 {
	if r.Latency == nil {
		return 0
	}
	return r.Latency.P99
}
