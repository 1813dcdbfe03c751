package load

import (
	"context"
	"net/url"
	"runtime"
	"time"
)

// Open puts an open loop on a server, at the load's rate; see openLoop. It ends
// with the schedule and its answers, or with the context.
func Open(ctx context.Context, l Load) (res Result, err error) {
	target, err := url.Parse(l.URL)
	if err != nil {
		return Result{}, err
	}
	w, err := newWires(target.Host, l.Connections, pace{l.Rate}.tick())
	if err != nil {
		return Result{}, err
	}
	defer w.close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // other goroutines must not keep the loop waiting; the thread ends with this one
		res, err = runOpenLoop(ctx, l, w)
	}()
	<-done
	return res, err
}

func runOpenLoop(ctx context.Context, l Load, w wires) (Result, error) {
	var started time.Time
	o, err := newOpenLoop(l, w, func() time.Duration { return time.Since(started) })
	if err != nil {
		return Result{}, err
	}
	if err := o.connectAll(); err != nil {
		return Result{}, err
	}
	started = time.Now()
	if err := o.run(ctx); err != nil {
		return Result{}, err
	}
	return o.result(), nil
}

// Between two looks at the clock. Finer ones cost the core that the server
// could use; coarser ones make the client late.
const (
	finestTick   = 100 * time.Microsecond
	coarsestTick = 10 * time.Millisecond
)

// tick is how often a client of this pace has to look: at each instant, as
// far as that is sensible. What fell due in between is sent together.
func (p pace) tick() time.Duration {
	return min(max(p.at(1), finestTick), coarsestTick)
}
