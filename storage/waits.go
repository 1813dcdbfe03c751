package storage

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/storage/record"
)

// Wait returns when the session of a key has ended, with what is known of it then.
// If the session is not live it returns at once. It extends nothing. Errors:
// ErrClosed, also when the storage is closed meanwhile, and the context's.
func (s Sessions) Wait(ctx context.Context, k record.Key) (record.Record, error) {
	woken, forget := s.storage.waits.add(k)
	defer forget()
	for {
		if err := s.storage.alive(ctx); err != nil {
			return record.Record{}, err
		}
		rec := s.storage.Peek(k)
		if rec.State != record.Live {
			return rec, nil
		}
		s.storage.pause(ctx, woken, rec.Remaining)
	}
}

// longestPause bounds how late Wait notices a deadline after a suspend: session time
// counts the suspend, timers do not.
const longestPause = 5 * time.Second

// pause returns when the session may have ended.
func (s *Storage) pause(ctx context.Context, woken <-chan struct{}, remaining time.Duration) {
	var deadline <-chan time.Time // nil: never
	if remaining > 0 {
		timer := time.NewTimer(min(remaining, longestPause))
		defer timer.Stop()
		deadline = timer.C
	}
	select {
	case <-woken:
	case <-deadline:
	case <-ctx.Done():
	case <-s.gone:
	}
}

// waits holds the calls of Wait, by the key that they wait for.
type waits struct {
	count atomic.Int64 // of all calls; while it is 0 the writer takes no lock
	mu    sync.Mutex   // protects of
	of    map[record.Key]map[chan struct{}]struct{}
}

// add returns a channel that receives when the session may have ended, and a
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
	w.count.Add(1)
	return c, func() { w.forget(k, c) }
}

func (w *waits) forget(k record.Key, c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count.Add(-1)
	if delete(w.of[k], c); len(w.of[k]) == 0 {
		delete(w.of, k)
	}
}

// wake makes the calls that wait for a key check it again.
func (w *waits) wake(k record.Key) {
	if w.count.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.of[k] {
		select {
		case c <- struct{}{}:
		default: // it still has to check after the wake before
		}
	}
}

// wakeAll makes all calls check again.
func (w *waits) wakeAll() {
	w.mu.Lock()
	keys := slices.Collect(maps.Keys(w.of))
	w.mu.Unlock()
	for _, k := range keys {
		w.wake(k)
	}
}
