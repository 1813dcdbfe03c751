package session

import (
	"context"
	"fmt"
	"sync"
)

// A queue lets in one change at a time. When the store does not answer the one
// that is in, all who wait get that answer: each would wait as long for its own,
// one behind the other.
type queue struct {
	in     chan struct{} // has room for one
	mu     sync.Mutex    // protects failed
	failed chan struct{} // closed when the store did not answer; then replaced
}

func (q *queue) init() { q.in, q.failed = make(chan struct{}, 1), make(chan struct{}) }

// enter waits for its turn. Errors: ErrUnavailable when the store fails
// meanwhile, the context's.
func (q *queue) enter(ctx context.Context) error {
	q.mu.Lock()
	failed := q.failed
	q.mu.Unlock()
	select {
	case q.in <- struct{}{}:
		return nil
	case <-failed:
		return fmt.Errorf("%w: it did not answer the change before this one", ErrUnavailable)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *queue) leave() { <-q.in }

// fail answers those who wait.
func (q *queue) fail() {
	q.mu.Lock()
	defer q.mu.Unlock()
	close(q.failed)
	q.failed = make(chan struct{})
}
