package redis

import (
	"context"
	"sync"
	"time"

	"pagesession/storage/record"
)

// The time between two questions of a Wait, and by how much it varies, so that waits do
// not ask all at once.
const waitGap, waitJitter = time.Second, time.Second

// Wait returns when the session of a key has ended, with what is known of it then. If the
// session is not live it returns at once. It extends nothing. It asks Redis every 1 to 2 s,
// and notices at once what ends through this Store. Errors: record.ErrUnavailable, the
// context's.
func (s *Store) Wait(ctx context.Context, k record.Key) (record.Record, error) {
	woken, forget := s.waits.add(k)
	defer forget()
	for {
		v, err := s.look(ctx, &k)
		if err != nil || v.State != record.Live {
			return v.Record, err
		}
		d := waitGap + jitter(waitJitter)
		if v.Remaining > 0 {
			d = min(d, v.Remaining)
		}
		t := time.NewTimer(d)
		select {
		case <-woken:
		case <-t.C:
		case <-ctx.Done():
		}
		t.Stop()
	}
}

// waits holds the calls of Wait, by the key that they wait for.
type waits struct {
	mu sync.Mutex // protects of
	of map[record.Key]map[chan struct{}]struct{}
}

// add returns a channel that receives when the session has ended through this Store, and a
// function that removes the channel.
func (w *waits) add(k record.Key) (woken <-chan struct{}, forget func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = map[record.Key]map[chan struct{}]struct{}{}
	}
	if w.of[k] == nil {
		w.of[k] = map[chan struct{}]struct{}{}
	}
	w.of[k][c] = struct{}{}
	return c, func() { w.forget(k, c) }
}

func (w *waits) forget(k record.Key, c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if delete(w.of[k], c); len(w.of[k]) == 0 {
		delete(w.of, k)
	}
}

// wake makes the calls that wait for a key ask again.
func (w *waits) wake(k record.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.of[k] {
		select {
		case c <- struct{}{}:
		default: // it still has to ask after the wake before
		}
	}
}
