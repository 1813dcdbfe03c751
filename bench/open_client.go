package main

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"time"
)

// openClient puts an open loop on a server, at load.rate requests a second;
// see openLoop. It is a client of its own, whatever the closed loops use.
type openClient struct {
	// wires is newWires, or another in tests.
	wires func(addr string, n int, tick time.Duration) (wires, error)
}

func (openClient) name() string { return "open" }

// An openResult is what only an open loop can tell.
type openResult struct {
	Rate      float64 `json:"requests_per_second_asked"`
	Scheduled int64   `json:"scheduled"`
	Waited    int64   `json:"waited"` // were due while no connection was idle
	// Lag is by how much the client itself was late, of all requests sent.
	Lag *latency `json:"client_lag,omitempty"`
}

// run ends with the schedule and its answers, or with the context.
func (c openClient) run(ctx context.Context, l load) (result, error) {
	target, err := url.Parse(l.url)
	if err != nil {
		return result{}, fmt.Errorf("load: %w", err)
	}
	w, err := c.wires(target.Host, l.connections, pace{l.rate}.tick())
	if err != nil {
		return result{}, err
	}
	defer w.close()
	return runOpenLoop(ctx, l, w)
}

// runOpenLoop runs the loop on a thread of its own: other goroutines must
// not keep it waiting. The thread ends with the goroutine.
func runOpenLoop(ctx context.Context, l load, w wires) (res result, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		res, err = loopOnce(ctx, l, w)
	}()
	<-done
	return res, err
}

func loopOnce(ctx context.Context, l load, w wires) (result, error) {
	var started time.Time
	o, err := newOpenLoop(l, w, func() time.Duration { return time.Since(started) })
	if err != nil {
		return result{}, err
	}
	if err := o.connectAll(); err != nil {
		return result{}, err
	}
	started = time.Now()
	if err := o.run(ctx); err != nil {
		return result{}, err
	}
	return o.result(), nil
}
