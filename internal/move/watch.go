package move

import (
	"context"
	"sync"
	"time"

	"pagesession/storage/record"
)

// watches has the watches, so that they go with their sessions from the one store to the
// other. It is safe for concurrent use.
type watches struct {
	mu sync.Mutex // protects of, and the watches in it
	of map[record.Key]map[*watch]struct{}
}

type watch struct {
	wake func()
	stop func()
}

// Watch implements session.Watcher.
func (s *Store) Watch(k record.Key, wake func()) (stop func()) {
	p, calls := s.begin(k[0])
	defer calls.Add(-1)
	if p.from == nil {
		return s.watches.add(k, wake, p.at)
	}
	h := k.Handle()
	if err := p.doors.enter(context.Background(), h); err != nil {
		return s.watches.add(k, wake, p.from, p.at)
	}
	defer p.doors.leave(h)
	if rec, err := p.from.Peek(context.Background(), k); err != nil || rec.State == record.Live {
		return s.watches.add(k, wake, p.from)
	}
	return s.watches.add(k, wake, p.at)
}

func (w *watches) add(k record.Key, wake func(), at ...Side) (stop func()) {
	one := &watch{wake: wake, stop: func() {}}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, side := range at {
		before, this := one.stop, side.Watch(k, wake)
		one.stop = func() { before(); this() }
	}
	if w.of == nil {
		w.of = map[record.Key]map[*watch]struct{}{}
	}
	if w.of[k] == nil {
		w.of[k] = map[*watch]struct{}{}
	}
	w.of[k][one] = struct{}{}
	return func() { w.remove(k, one) }
}

func (w *watches) remove(k record.Key, one *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.stop()
	if delete(w.of[k], one); len(w.of[k]) == 0 {
		delete(w.of, k)
	}
}

// move moves the watches of a session that was handed over.
func (w *watches) move(k record.Key, to Side) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.of[k] {
		last := one.stop
		one.stop = to.Watch(k, one.wake)
		last()
	}
}

// longestPause bounds how late Wait notices a deadline after the machine was suspended.
const longestPause = 5 * time.Second

// Wait implements session.Store.
func (s *Store) Wait(ctx context.Context, k record.Key) (record.Record, error) {
	woken := make(chan struct{}, 1)
	defer s.Watch(k, func() {
		select {
		case woken <- struct{}{}:
		default: // it still has to look after the wake before
		}
	})()
	for {
		rec, err := s.Peek(ctx, k)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || rec.State != record.Live {
			return rec, err
		}
		pause := longestPause
		if rec.Remaining > 0 {
			pause = min(pause, rec.Remaining)
		}
		timer := time.NewTimer(pause)
		select {
		case <-woken:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}
