package server

import (
	"context"
	"time"
)

// awaitLast waits until no connection is left because each has had its last answer, which
// says that it closes; at most for DrainIdle.
func (cs *connections) awaitLast(ctx context.Context) {
	cs.mu.Lock()
	if cs.last == nil {
		cs.last = make(chan struct{})
	}
	cs.noticeEmpty()
	cs.mu.Unlock()
	select {
	case <-cs.last:
	case <-time.After(cs.DrainIdle):
	case <-ctx.Done():
	}
}

// noticeEmpty wakes awaitLast, wait and waitStreams. The caller holds mu.
func (cs *connections) noticeEmpty() {
	if len(cs.serving.all) == 0 {
		closeOnce(cs.last)
		closeOnce(cs.empty)
	}
	if len(cs.streams.all) == 0 {
		closeOnce(cs.quiet)
	}
}

// closeOnce closes a channel that is there and open.
func closeOnce(c chan struct{}) {
	if c == nil {
		return
	}
	select {
	case <-c:
	default:
		close(c)
	}
}

// wait waits after drain until no connection but streams is left. If ctx is done first, it returns
// ctx's error.
func (cs *connections) wait(ctx context.Context) error {
	select {
	case <-cs.empty:
	case <-ctx.Done():
		if cs.open() > 0 {
			return ctx.Err()
		}
	}
	return nil
}

// waitStreams waits after drain until each stream has sent its end, at most until drainBy.
func (cs *connections) waitStreams(ctx context.Context) {
	ctx, cancel := context.WithDeadline(ctx, *cs.drainBy.Load())
	defer cancel()
	select {
	case <-cs.quiet:
	case <-ctx.Done():
	}
}
