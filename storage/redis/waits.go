package redis

import (
	"context"
	"sync"
	"time"

	"pagesession/storage/record"
)

// Wait returns when the session of a key has ended, with what is known of it then. If the
// session is not live it returns at once. It extends nothing. It notices at once what ends
// through this Store, and within about 2 s what others end. Errors: record.ErrUnavailable,
// the context's.
func (s *Store) Wait(ctx context.Context, k record.Key) (record.Record, error) {
	woken := make(chan struct{}, 1)
	defer s.Watch(k, func() {
		select {
		case woken <- struct{}{}:
		default: // it still has to look after the wake before
		}
	})()
	for {
		v, err := s.look(ctx, &k)
		if err != nil || v.State != record.Live {
			return v.Record, err
		}
		if err := sleep(ctx, woken, v.Remaining); err != nil {
			return record.Record{}, err
		}
	}
}

// sleep returns when woken receives, when the time is up (0: never), or with the context's
// error.
func sleep(ctx context.Context, woken <-chan struct{}, d time.Duration) error {
	var up <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		up = t.C
	}
	select {
	case <-woken:
		return nil
	case <-up:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Watch implements session.Watcher. An end by another server is noticed within about 2 s.
func (s *Store) Watch(k record.Key, wake func()) (stop func()) { return s.waits.add(k, wake) }

// waits has the watches, by the keys that they are about. The zero value is not ready; see
// newWaits. It is safe for concurrent use.
//
// One goroutine asks for all: in each round of pollRound one EXISTS for each tag that has
// watched keys, which counts those that are live. So a round has at most 1,024 commands,
// however many streams are open, and a few more when it counts less than it should.
type waits struct {
	mu    sync.Mutex // protects of; held while wakes are called
	of    [tags]map[record.Key]map[*watch]struct{}
	begun chan struct{} // receives when there may be a watch
}

type watch struct{ wake func() }

func newWaits() *waits { return &waits{begun: make(chan struct{}, 1)} }

// add returns a function that removes the watch.
func (w *waits) add(k record.Key, wake func()) (stop func()) {
	one, tag := &watch{wake}, tagOf(k.Handle())
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of[tag] == nil {
		w.of[tag] = map[record.Key]map[*watch]struct{}{}
	}
	if w.of[tag][k] == nil {
		w.of[tag][k] = map[*watch]struct{}{}
	}
	w.of[tag][k][one] = struct{}{}
	select {
	case w.begun <- struct{}{}:
	default: // the poll begins already
	}
	return func() { w.remove(tag, k, one) }
}

func (w *waits) remove(tag int, k record.Key, one *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if delete(w.of[tag][k], one); len(w.of[tag][k]) == 0 {
		delete(w.of[tag], k)
	}
	if len(w.of[tag]) == 0 {
		w.of[tag] = nil
	}
}

// wake calls the watches of a key.
func (w *waits) wake(k record.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.of[tagOf(k.Handle())][k] {
		one.wake()
	}
}

// keys returns the watched keys of a tag.
func (w *waits) keys(tag int) (keys []record.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k := range w.of[tag] {
		keys = append(keys, k)
	}
	return keys
}

const (
	// pollRound is how long a round through all watched keys takes.
	pollRound = 1500 * time.Millisecond
	// pollParts is in how many parts a round is done, so that the load is even.
	pollParts = 8
)

// poll asks for the watched keys until the context is done. It rests while there are none.
func (s *Store) poll(ctx context.Context) {
	for {
		select {
		case <-s.waits.begun:
		case <-ctx.Done():
			return
		}
		for busy := true; busy; {
			busy = false
			for part := range pollParts {
				if !pause(ctx, pollRound/pollParts) {
					return
				}
				busy = s.pollPart(ctx, part*tags/pollParts, (part+1)*tags/pollParts) || busy
			}
		}
	}
}

// pollPart asks for the watched keys of some tags, and reports whether there were any. What
// cannot be asked for is asked for in the next round.
func (s *Store) pollPart(ctx context.Context, from, to int) bool {
	var busy []int
	for tag := from; tag < to; tag++ {
		if len(s.waits.keys(tag)) > 0 {
			busy = append(busy, tag)
		}
	}
	_ = s.each(ctx, len(busy), func(ctx context.Context, i int) error {
		s.pollTag(ctx, busy[i])
		return nil
	})
	return len(busy) > 0
}

// pollTag wakes the watches of a tag's keys that have no live value.
func (s *Store) pollTag(ctx context.Context, tag int) {
	keys := s.waits.keys(tag)
	if len(keys) == 0 {
		return
	}
	if n, err := s.exist(ctx, tag, keys); err != nil || n == int64(len(keys)) {
		return
	}
	for i := range keys {
		if n, err := s.exist(ctx, tag, keys[i:i+1]); err == nil && n == 0 {
			s.waits.wake(keys[i])
		}
	}
}

// exist returns how many of the keys have a live value.
func (s *Store) exist(ctx context.Context, tag int, keys []record.Key) (n int64, err error) {
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = s.name(kindLive, keys[i].Handle())
	}
	err = s.do(ctx, tag, func(ctx context.Context) (err error) {
		n, err = s.client.Do(ctx, s.client.B().Exists().Key(names...).Build()).AsInt64()
		return err
	})
	return n, err
}
