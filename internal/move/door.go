package move

import (
	"context"
	"fmt"
	"sync"
	"time"

	"pagesession/storage/record"
)

// longestWait is how long a call waits at a door. Handing over takes milliseconds, unless a
// disk or Redis hangs.
const longestWait = 2 * time.Second

var errBusy = fmt.Errorf("move: the session is being handed over: %w", record.ErrUnavailable)

// doors keep the calls about a session and its handing over apart. The zero value is ready.
type doors struct {
	shards [64]struct {
		mu sync.Mutex // protects of, and the doors in it
		of map[record.Handle]*door
	}
}

// A door is there while something is inside, or it is shut.
type door struct {
	inside  int
	shut    bool
	changed chan struct{} // closed when the last one leaves, or the door opens; nil: nothing waits
}

// enter waits until the door is open, and goes in. Call leave after it.
func (d *doors) enter(ctx context.Context, h record.Handle) error {
	return d.await(ctx, h, func(one *door) bool {
		if !one.shut {
			one.inside++
		}
		return !one.shut
	})
}

func (d *doors) leave(h record.Handle) { d.change(h, func(one *door) { one.inside-- }) }

// close shuts the door and waits until nothing is inside. Call open after it.
func (d *doors) close(ctx context.Context, h record.Handle) error {
	mine := false
	err := d.await(ctx, h, func(one *door) bool {
		if mine = mine || !one.shut; mine {
			one.shut = true
		}
		return mine && one.inside == 0
	})
	if err != nil && mine {
		d.open(h)
	}
	return err
}

func (d *doors) open(h record.Handle) { d.change(h, func(one *door) { one.shut = false }) }

// await tries until ok returns true, each time that the door has changed.
func (d *doors) await(ctx context.Context, h record.Handle, ok func(*door) bool) error {
	var late <-chan time.Time
	for {
		changed := d.try(h, ok)
		if changed == nil {
			return nil
		}
		if late == nil {
			timer := time.NewTimer(longestWait)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return errBusy
		}
	}
}

// try returns nil if ok does true, otherwise what is closed at the door's next change.
func (d *doors) try(h record.Handle, ok func(*door) bool) <-chan struct{} {
	s := &d.shards[h[1]&63]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[record.Handle]*door{}
	}
	one := s.of[h]
	if one == nil {
		one = &door{}
		s.of[h] = one
	}
	if ok(one) {
		return nil
	}
	if one.changed == nil {
		one.changed = make(chan struct{})
	}
	return one.changed
}

func (d *doors) change(h record.Handle, do func(*door)) {
	s := &d.shards[h[1]&63]
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.of[h]
	do(one)
	if one.inside > 0 && one.shut {
		return
	}
	if one.changed != nil {
		close(one.changed)
		one.changed = nil
	}
	if one.inside == 0 && !one.shut {
		delete(s.of, h)
	}
}

// A barrier is one door.
type barrier struct{ doors }

func (b *barrier) enter(ctx context.Context) error { return b.doors.enter(ctx, record.Handle{}) }
func (b *barrier) leave()                          { b.doors.leave(record.Handle{}) }
func (b *barrier) close(ctx context.Context) error { return b.doors.close(ctx, record.Handle{}) }
func (b *barrier) open()                           { b.doors.open(record.Handle{}) }
