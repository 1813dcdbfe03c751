package redis

import (
	"context"
	"sync/atomic"
	"time"
)

// limits gives calls a context that ends after the time for a call. Calls whose own
// context never ends, which is the usual case, share one: a timer for each call costs as
// much as the rest of it. The shared one is replaced after a quarter of the time, so a call
// has up to a quarter more. The zero value is not ready; set each. It is safe for
// concurrent use.
type limits struct {
	each   time.Duration
	shared atomic.Pointer[limit]
}

type limit struct {
	context.Context
	cancel context.CancelFunc
	begun  time.Duration // since the store's start
}

func nothing() {}

// of returns the context of a call that begins now, and what to call after it.
func (l *limits) of(ctx context.Context, now time.Duration) (context.Context, context.CancelFunc) {
	if ctx.Done() != nil {
		return context.WithTimeout(ctx, l.each)
	}
	current := l.shared.Load()
	if current != nil && now-current.begun < l.each/4 {
		return current, nothing
	}
	next := &limit{begun: now}
	next.Context, next.cancel = context.WithTimeout(context.Background(), l.each+l.each/4)
	if !l.shared.CompareAndSwap(current, next) {
		next.cancel()
		return l.shared.Load(), nothing
	}
	return next, nothing
}

// close ends the shared context.
func (l *limits) close() {
	if current := l.shared.Load(); current != nil {
		current.cancel()
	}
}
