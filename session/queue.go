package session

import (
	"context"
	"fmt"
	"sync"
)

// A queue lets in one change at a time. If the store does not answer the change that
// is in, all waiting changes get the same error. Otherwise each would wait for a
// timeout of its own, one after the other.
type queue struct {
	in     chan struct{} // has room for one
	mu     sync.Mutex    // protects failed
	failed chan struct{} // closed when the store does not answer, then replaced
}

func (q *queue) init() { q.in, q.failed = make(chan struct{}, 1), make(chan struct{}) }

// enter waits for its turn. It returns ErrUnavailable if the store does not answer
// meanwhile, or the context's error.
func (q *queue) enter(ctx context.Context) error {
	q.mu.Lock()
	failed := q.failed
	q.mu.Unlock()
	select {
	case q.in <- struct{}{}:
		return nil
	case <-failed:
		return fmt.Errorf("%w: the store did not answer the change before this one", ErrUnavailable)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *queue) leave() { <-q.in }

// fail gives the waiting changes their error.
func (q *queue) fail() {
	q.mu.Lock()
	defer q.mu.Unlock()
	close(q.failed)
	q.failed = make(chan struct{})
}
