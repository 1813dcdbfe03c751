package storage

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

type changeKind uint8

const (
	create        changeKind = iota // the key must be unused
	upsert                          // replaces a live session, creates one under an unused key
	replace                         // the session must be live
	rotate                          // the session of key must be live, to must be unused
	finish                          // ends one session
	finishSubject                   // ends all sessions of a subject
	reset                           // ends all sessions
	barrier                         // changes nothing; answered when all before it is durable
	adopt                           // takes over a session as it is in another store
	disown                          // gives a session up that another store has taken over
	note                            // writes the mark of a move
)

// A change is one request to the writer. The caller owns it until it is queued, and
// again once the writer has sent on waiter.done.
type change struct {
	kind     changeKind
	key, to  record.Key
	value    string
	idle     int64
	absolute int64 // a duration, from creation
	reason   record.Reason
	version  uint64  // the version that the session must have; 0: any
	subject  *string // nil: the session keeps its subject

	until  int64        // finishSubject: ends sessions that were created at or before it
	except []record.Key // finishSubject: keys of sessions that stay

	session *entry.Entry // adopt: the session
	move    record.Move  // note

	state atomic.Int32

	waiter *waiter // of the caller

	// Answers, which the writer sets.
	next  *entry.Entry // what the key has once durable; nil: nothing
	old   uint64       // number of the entry that next replaces; 0: none
	ended int          // finishSubject, reset: how many live sessions it ended
	ok    bool         // it changed something
	left  bool         // its caller had given up before it became durable
	late  bool         // it is durable but must not become visible
	err   error        // the writer's decision; the caller's answer comes through the waiter
}

// creates reports whether the change has created a session.
func (c *change) creates() bool {
	return (c.kind == create || c.kind == upsert) && c.old == 0
}

// alone reports whether a change needs a batch of its own, because index and file
// must agree before it.
func (c *change) alone() bool { return c.kind == reset || c.kind == finishSubject }

// stays reports whether a change takes effect also if its caller has given up.
func (c *change) stays() bool { return c.onlyEnds() || c.kind == disown || c.kind == note }

// onlyEnds reports whether a change only ends sessions. Such changes have room in
// the queue when all others are refused.
func (c *change) onlyEnds() bool { return c.kind == finish || c.alone() }

// States of a change. Writer and caller compete for each step, so that a change is
// either answered or given up, never both (ADR 0029).
const (
	queued    int32 = iota
	taken           // the writer waits for the disk
	deciding        // durable; the writer makes it visible or finds that it came too late
	settled         // the answer is certain; what is left to write does not change it
	answered        // the answer is in the waiter
	cancelled       // the caller gave up before the writer took it: it is not made
	abandoned       // the caller gave up while the disk was at work: the writer takes it back
)

// A waiter is what a caller waits with. Waiters are reused. That is safe because the
// writer sends on done only after it has moved the change to answered, and the caller
// leaves only after it has received that or has moved the change to another state.
type waiter struct {
	done  chan error  // has room for one answer, so the writer never blocks
	timer *time.Timer // runs only while the caller waits
}

func newWaiter() any {
	w := &waiter{done: make(chan error, 1), timer: time.NewTimer(time.Hour)}
	w.timer.Stop()
	return w
}

// submit queues a change and waits until it is durable or refused, at most for
// QueueTimeout. A context that ends cancels the change only while it is queued. After
// that, its deadline counts as QueueTimeout does.
func (s *Storage) submit(ctx context.Context, c *change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.enqueue(c); err != nil {
		return err
	}
	return s.await(ctx, c, s.cfg.QueueTimeout)
}

// await waits for the answer to a queued change, for about that long at most.
func (s *Storage) await(ctx context.Context, c *change, longest time.Duration) error {
	defer s.waiters.Put(c.waiter)
	c.waiter.timer.Reset(longest)
	defer c.waiter.timer.Stop()
	for done := ctx.Done(); ; {
		select {
		case err := <-c.waiter.done:
			return err
		case <-done:
			if c.state.CompareAndSwap(queued, cancelled) {
				return ctx.Err()
			}
			if done = nil; errors.Is(ctx.Err(), context.DeadlineExceeded) {
				c.waiter.timer.Reset(0)
			}
		case <-c.waiter.timer.C:
			if left, err := s.giveUp(c); left {
				return err
			}
			c.waiter.timer.Reset(time.Millisecond) // the writer is deciding it
		}
	}
}

// giveUp answers a change for which the disk takes too long. The change is not made:
// the writer takes back what becomes durable of it. An end of a subject stays in the
// queue, because a rotation may be under way.
func (s *Storage) giveUp(c *change) (left bool, err error) {
	stays := c.kind == finishSubject && c.state.CompareAndSwap(queued, abandoned)
	switch {
	case stays, c.state.CompareAndSwap(queued, cancelled), c.state.CompareAndSwap(taken, abandoned):
		return true, fmt.Errorf("%w: the disk has not answered within %v (QueueTimeout), or until the context's deadline", ErrUnavailable, s.cfg.QueueTimeout)
	case c.state.CompareAndSwap(settled, abandoned):
		return true, c.settledErr()
	}
	return false, nil
}

// settledErr returns the answer to a settled change while the writer still writes
// what follows from it. A change that came too late gets an error then, because a
// crash could bring it back.
func (c *change) settledErr() error {
	if c.late {
		return fmt.Errorf("%w: the disk has not answered", ErrUnavailable)
	}
	return c.err
}

// lengthens reports whether a change that was made has made a deadline later.
func (c *change) lengthens() bool { return c.ok && c.next != nil && c.next.Until != 0 }

// take reports whether the writer has to make a change that was queued.
func (c *change) take() bool {
	return c.state.CompareAndSwap(queued, taken) || c.kind == finishSubject && c.state.Load() == abandoned
}

// answer gives the caller its answer, unless the caller has given up.
func (c *change) answer(err error) {
	if c.state.CompareAndSwap(settled, answered) {
		c.waiter.done <- err
	}
}

// enqueue gives a change a waiter and queues it. The caller then calls await.
func (s *Storage) enqueue(c *change) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed.Load() {
		return ErrClosed
	}
	if s.cfg.ReadOnly {
		return ErrReadOnly
	}
	if err := s.writer.refuses(c); err != nil {
		return err
	}
	c.waiter = s.waiters.Get().(*waiter)
	err := s.writer.accept(c)
	if err != nil {
		s.waiters.Put(c.waiter)
	}
	return err
}

// put submits a change with a copy of the value. It refuses values and lifetimes
// that are out of range before they are queued.
func (s *Storage) put(ctx context.Context, c *change, value []byte, life record.Lifetime) error {
	if len(value) > s.cfg.MaxValueBytes {
		return fmt.Errorf("%w: the value has %d bytes, at most %d are allowed (MaxValueBytes)", ErrTooLarge, len(value), s.cfg.MaxValueBytes)
	}
	if d := min(life.Idle, life.Absolute); d < 0 {
		return fmt.Errorf("%w: %v", ErrLifetime, d)
	}
	c.value, c.idle, c.absolute = string(value), entry.WholeMillis(life.Idle), entry.WholeMillis(life.Absolute)
	return s.submit(ctx, c)
}

// Create stores a new session. When it returns nil the session is durable and
// visible. It copies value. If ctx is done before that, the session is not stored.
// Errors: the context's, ErrExists, ErrEnded (the key was used before),
// ErrFull, ErrTooLarge, ErrLifetime, ErrUnavailable, ErrClosed.
func (s *Storage) Create(ctx context.Context, k record.Key, value []byte, life record.Lifetime) error {
	return s.put(ctx, &change{kind: create, key: k}, value, life)
}

// Replace changes the value and the idle timeout (0: none) of a live session and
// extends it. Creation time and absolute timeout stay. When it returns nil the
// change is durable and visible. It copies value. Errors: ErrEnded when the session
// is not live, and those of Create except ErrExists.
func (s *Storage) Replace(ctx context.Context, k record.Key, value []byte, idle time.Duration) error {
	return s.put(ctx, &change{kind: replace, key: k}, value, record.Lifetime{Idle: idle})
}

// Rotate is Replace that also moves the session to a new key. The old key then has
// ended with the reason Replaced. Both happen or neither does. Errors: those of
// Replace, ErrExists when to is live, and ErrEnded when to was used before.
func (s *Storage) Rotate(ctx context.Context, from, to record.Key, value []byte, idle time.Duration) error {
	return s.put(ctx, &change{kind: rotate, key: from, to: to}, value, record.Lifetime{Idle: idle})
}

// Sync returns when every refresh that returned before the call is durable. Errors:
// the context's, ErrFull, ErrUnavailable, ErrClosed.
func (s *Storage) Sync(ctx context.Context) error {
	return s.submit(ctx, &change{kind: barrier})
}
