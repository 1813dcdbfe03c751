package storetest

import (
	"sync/atomic"
	"time"

	"pagesession/session"
	"pagesession/storage/record"
)

// watch checks a session.Watcher: each kind of end wakes, and nothing after stop.
func (s *suite) watch() {
	w, ok := s.Store.(session.Watcher)
	if !ok {
		return // a store need not be a Watcher
	}
	for why, end := range map[record.Reason]func(record.Key) error{
		record.Deleted:  func(k record.Key) error { _, err := s.ending(k, record.Deleted); return err },
		record.Replaced: func(k record.Key) error { _, err := s.rotating(k, newKey(), 0, text("moved")); return err },
		record.Revoked:  func(record.Key) error { _, err := s.endingSubject("ada"); return err },
	} {
		k := s.endless("ada")
		first, second, stopped := newWaker(), newWaker(), newWaker()
		stop := w.Watch(k, stopped.wake)
		defer w.Watch(k, first.wake)()
		defer w.Watch(k, second.wake)()
		stop()
		stop()
		s.want(end(k), nil, "the end")
		s.wantEnded(k, why)
		s.wantWoken(first, why)
		s.wantWoken(second, why)
		if n := stopped.calls.Load(); n != 0 {
			s.Errorf("%d calls of wake after stop, for %v; want none", n, why)
		}
	}
}

// A waker counts the calls of wake.
type waker struct {
	calls atomic.Int64
	woken chan struct{}
}

func newWaker() *waker { return &waker{woken: make(chan struct{}, 1)} }

func (w *waker) wake() {
	w.calls.Add(1)
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

func (s *suite) wantWoken(w *waker, why record.Reason) {
	s.Helper()
	select {
	case <-w.woken:
	case <-time.After(stuck):
		s.Errorf("Watch did not wake for %v", why)
	}
}
