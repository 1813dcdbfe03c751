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
	woken := make(chan struct{}, 1)
	defer s.storage.waits.add(k, func() {
		select {
		case woken <- struct{}{}:
		default: // it still has to check after the wake before
		}
	})()
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

// Watch calls wake after each change that may have ended the session of a key, until stop
// is called; then it is not called any more. It costs about 200 bytes and no goroutine.
// It does not tell when a timeout ends the session, nor when the storage is closed. wake
// is called while others wait, so it has to return at once and must not call the storage.
func (s Sessions) Watch(k record.Key, wake func()) (stop func()) {
	return s.storage.waits.add(k, wake)
}

// waits holds the calls of Wait and Watch, by the key that they wait for.
type waits struct {
	count atomic.Int64 // of all; while it is 0 the writer takes no lock
	mu    sync.Mutex   // protects of, and the lists in it
	of    map[record.Key]*wait
}

// A wait is what one call waits for. Those of a key are a list, because nearly all keys
// have one.
type wait struct {
	wake func()
	next *wait
}

// add has wake called when the session of a key may have ended, until stop is called.
func (w *waits) add(k record.Key, wake func()) (stop func()) {
	added := &wait{wake: wake}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = map[record.Key]*wait{}
	}
	added.next = w.of[k]
	w.of[k] = added
	w.count.Add(1)
	return func() { w.remove(k, added) }
}

// remove takes one wait out of its key's list. A second call does nothing.
func (w *waits) remove(k record.Key, gone *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := w.of[k]
	at := &first
	for *at != nil && *at != gone {
		at = &(*at).next
	}
	if *at == nil {
		return
	}
	*at = gone.next
	w.count.Add(-1)
	if w.of[k] = first; first == nil {
		delete(w.of, k)
	}
}

// wake makes those who wait for a key check it again.
func (w *waits) wake(k record.Key) {
	if w.count.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := w.of[k]; one != nil; one = one.next {
		one.wake()
	}
}

// wakeAll makes all check again.
func (w *waits) wakeAll() {
	w.mu.Lock()
	keys := slices.Collect(maps.Keys(w.of))
	w.mu.Unlock()
	for _, k := range keys {
		w.wake(k)
	}
}
