package session

import (
	"context"
	"errors"
	"time"

	"pagesession/storage/record"
)

// Watch calls wake when the session that the token names may have ended; Peek then says
// whether it has. It ends when stop is called, which may be called more than once. Use it in
// place of Wait for thousands of streams. For a token that names no session, wake is never
// called.
//
// With a Store that is a [Watcher] it takes no goroutine, but does not report timeouts: Peek
// again after View.Remaining. With another Store, one goroutine waits in Store.Wait. In
// both cases wake has to return at once and must not call the policy. It may be called
// from any goroutine, and also while the session is live.
// Errors: ErrUnavailable, the context's. The context is only for the call itself.
func (p *Policy) Watch(ctx context.Context, t Token, wake func()) (stop func(), err error) {
	t, err = p.Resolve(ctx, t)
	switch {
	case err != nil:
		return nil, err
	case !t.good:
		return func() {}, nil
	case p.watcher != nil:
		return p.watcher.Watch(t.key, wake), nil
	}
	until, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go p.waitFor(until, t.key, wake)
	return cancel, nil
}

// watchPause is how long Watch leaves a store alone that is unavailable.
const watchPause = time.Second

// waitFor calls wake when the session of a key has ended.
func (p *Policy) waitFor(ctx context.Context, k record.Key, wake func()) {
	for {
		_, err := p.store.Wait(ctx, k)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, ErrUnavailable):
			select {
			case <-time.After(watchPause):
			case <-ctx.Done():
			}
		default:
			wake()
			return
		}
	}
}
