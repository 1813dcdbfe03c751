package move

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pagesession/storage/record"
)

// Places names the two stores of a move: a URL without a password, or "file".
type Places struct{ From, To string }

// A Progress says how far a move is.
type Progress struct {
	Places
	Moved int  // sessions that were handed over since the move, or this process, began
	Of    int  // sessions that there were then, about; some may have ended since
	Done  bool // all have moved, and the source says so durably

	Began, Ended time.Time
	Paused       error // why nothing moves now; it is tried again each second
}

// A run is a move. Its goroutine ends with it, or at Close.
type run struct {
	stop  context.CancelFunc
	done  chan struct{} // closed when the goroutine has ended
	phase *phase

	mu  sync.Mutex // protects now
	now Progress
}

func (r *run) set(change func(*Progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.now)
}

// ErrMoving is returned by Begin while a move is under way.
var ErrMoving = errors.New("move: sessions are moving already")

// Begin begins to move all sessions to another Side, which the Store closes from then on.
// mark is what the target says of it meanwhile. When Begin returns nil, the source says
// durably that its sessions are moving, new sessions are created in the target, and a
// goroutine hands over the others until Close. A move that was interrupted goes on in this
// way, too. Once both say so, fit is asked; nil stands for true. Errors: ErrMoving; those of
// Mark, SetMark, fit and the context, after which nothing moves and both say what they said
// before.
func (s *Store) Begin(ctx context.Context, to Side, places Places, mark record.Move, fit func(context.Context) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.phase.Load()
	if p.from != nil {
		return ErrMoving
	}
	if err := say(ctx, p.at, to, record.Move{Way: record.MovingTo, Place: places.To}, mark, fit); err != nil {
		return err
	}
	of, err := p.at.Count(ctx)
	if err != nil {
		of = 0 // it is told only
	}
	running, stop := context.WithCancel(context.Background())
	next := &phase{from: p.at, at: to}
	s.run = &run{stop: stop, done: make(chan struct{}), phase: next, now: Progress{Places: places, Of: of, Began: time.Now()}}
	last, r := s.phase.Swap(next), s.run
	go func() {
		defer close(r.done)
		if last.drain(running) == nil {
			s.moveAll(running, next, r)
		}
	}()
	return nil
}

// say makes both stores say that sessions move, and asks fit. After an error they say again
// what they said before: that of a move that was interrupted must not get lost.
func say(ctx context.Context, from, to Side, ofFrom, ofTo record.Move, fit func(context.Context) error) error {
	hadTo, err := to.Mark(ctx)
	if err != nil {
		return err
	}
	hadFrom, err := from.Mark(ctx)
	if err != nil {
		return err
	}
	if err = turn(ctx, to, hadTo, ofTo); err == nil {
		err = turn(ctx, from, hadFrom, ofFrom)
	}
	if err == nil && fit != nil {
		err = fit(ctx)
	}
	if err == nil {
		return nil
	}
	// Also if the caller has gone, and after an error: a store may do later what it was asked.
	// The source comes first, since a start goes on with the move by what the target says.
	ctx = context.WithoutCancel(ctx)
	failed := turn(ctx, from, ofFrom, hadFrom)
	if failed == nil {
		failed = turn(ctx, to, ofTo, hadTo)
	}
	if failed != nil {
		err = fmt.Errorf("%w; a store may say now that its sessions are moving: %w", err, failed)
	}
	return err
}

// turn makes a store say something else. A move that was interrupted has nothing to write, so
// it goes on with a full disk, too: visitors are served, and sessions move when there is room.
func turn(ctx context.Context, side Side, from, to record.Move) error {
	if from == to {
		return nil
	}
	return side.SetMark(ctx, to)
}

// Progress returns how far the last move is; false if there was none.
func (s *Store) Progress() (Progress, bool) {
	s.mu.Lock()
	r := s.run
	s.mu.Unlock()
	if r == nil {
		return Progress{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now
	now.Moved = int(r.phase.moved.Load())
	return now, true
}

// Close stops a move, which can go on later, and closes both Sides.
func (s *Store) Close() error {
	s.mu.Lock()
	r := s.run
	s.mu.Unlock()
	if r != nil {
		r.stop()
		<-r.done
	}
	p := s.phase.Load()
	err := p.at.Close()
	if p.from != nil {
		err = errors.Join(err, p.from.Close())
	}
	return err
}

// retryAfter is the pause after an error.
const retryAfter = time.Second

// moveAll goes through the source until it finds nothing, and then ends the move. After an
// error the source says again that its sessions are moving: Redis may have lost that, with
// the last moments before a failover.
func (s *Store) moveAll(ctx context.Context, p *phase, r *run) {
	to := r.now.Places.To // it never changes
	for empty, said := false, true; ctx.Err() == nil; {
		var err error
		if !said {
			err = p.from.SetMark(ctx, record.Move{Way: record.MovingTo, Place: to})
		}
		if said = err == nil; said && empty {
			if err = s.finish(ctx, p, r); err == nil {
				return
			}
		} else if said {
			empty, err = s.pass(ctx, p, r)
		}
		if err != nil && ctx.Err() == nil {
			said = false
			r.set(func(now *Progress) { now.Paused = err })
			select {
			case <-time.After(retryAfter):
			case <-ctx.Done():
			}
		}
	}
}

// pieceOf is how many sessions are handed over at once: enough to share a commit and a round
// trip, few enough that calls about them wait for milliseconds.
const pieceOf = 256

// pass hands over what is in the source, and reports whether there was nothing.
func (s *Store) pass(ctx context.Context, p *phase, r *run) (empty bool, err error) {
	empty = true
	var rest []record.Handle // less than a piece
	take := func(atLeast int) error {
		for len(rest) >= atLeast && len(rest) > 0 {
			n := min(pieceOf, len(rest))
			found, err := s.piece(ctx, p, rest[:n])
			if errors.Is(err, errTimeUp) { // the next pass finds it again
				err = pause(ctx)
			}
			if rest = rest[n:]; found > 0 || err != nil {
				empty = false
			}
			if r.set(func(now *Progress) { now.Paused = err }); err != nil {
				return err
			}
		}
		return nil
	}
	err = p.from.Handles(ctx, func(list []record.Handle) error {
		rest = append(rest, list...)
		return take(pieceOf)
	})
	if err == nil {
		err = take(1)
	}
	return empty && err == nil, err
}

// timeUpPause is after a session whose time was up at the target: it is tried again until the
// clocks agree, or the source says so, too.
const timeUpPause = 50 * time.Millisecond

func pause(ctx context.Context) error {
	select {
	case <-time.After(timeUpPause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// remembered is how long stores promise to remember ended sessions.
const remembered = 10 * time.Minute

// finish makes the source say that all have moved, and begins the last phase.
func (s *Store) finish(ctx context.Context, p *phase, r *run) error {
	places := r.now.Places // it never changes
	if err := p.from.SetMark(ctx, record.Move{Way: record.MovedTo, Place: places.To}); err != nil {
		return err
	}
	if err := p.at.SetMark(ctx, record.Move{}); err != nil {
		return err
	}
	s.phase.Store(&phase{at: p.at, late: p.from, till: time.Now().Add(remembered)})
	if err := p.drain(ctx); err != nil {
		return err
	}
	r.set(func(now *Progress) { now.Done, now.Ended, now.Paused = true, time.Now(), nil })
	_ = p.from.Close() // it has no sessions; a file still knows from memory why some ended
	return nil
}
