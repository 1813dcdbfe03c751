package storage

import (
	"cmp"
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
)

// A change is one request to the writer. The caller owns it until it is queued, and
// again once the writer has sent on waiter.done.
type change struct {
	kind     changeKind
	key, to  record.Key
	value    []byte
	idle     int64
	absolute int64 // a duration, from creation
	reason   record.Reason
	version  uint64  // the version that the session must have; 0: any
	subject  *string // nil: the session keeps its subject

	until  int64        // finishSubject: ends sessions that were created at or before it
	except []record.Key // finishSubject: keys of sessions that stay

	state atomic.Int32

	waiter *waiter // of the caller

	// Answers, which the writer sets.
	next  *entry.Entry // what the key has once durable; nil: nothing
	old   uint64       // number of the entry that next replaces; 0: none
	ended int          // finishSubject, reset: how many live sessions it ended
	ok    bool         // it changed something
	err   error
}

// creates reports whether the change has created a session.
func (c *change) creates() bool {
	return (c.kind == create || c.kind == upsert) && c.old == 0
}

// alone reports whether a change needs a batch of its own, because index and file
// must agree before it.
func (c *change) alone() bool { return c.kind == reset || c.kind == finishSubject }

// onlyEnds reports whether a change only ends sessions. Such changes have room in
// the queue when all others are refused.
func (c *change) onlyEnds() bool { return c.kind == finish || c.alone() }

// States of a change. It leaves queued once: the writer takes it or the caller
// cancels it.
const (
	queued int32 = iota
	taken
	cancelled
)

// A waiter is what a caller waits with. Waiters are reused. That is safe because the
// writer sends on done once for each change that it takes, and the caller leaves
// only after it has received that or has cancelled the change.
type waiter struct {
	done  chan struct{} // has room for one answer, so the writer never blocks
	timer *time.Timer   // runs only while the caller waits
}

func newWaiter() any {
	w := &waiter{done: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
	w.timer.Stop()
	return w
}

// submit queues a change and waits until it is durable or refused. The caller can
// cancel it only while it is queued; a cancelled change is never made.
func (s *Storage) submit(ctx context.Context, c *change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.enqueue(c); err != nil {
		return err
	}
	return s.await(ctx, c, s.cfg.QueueTimeout)
}

// await waits for the answer to a queued change. It cancels the change if the writer
// has not taken it within queued.
func (s *Storage) await(ctx context.Context, c *change, queued time.Duration) error {
	defer s.waiters.Put(c.waiter)
	c.waiter.timer.Reset(queued)
	defer c.waiter.timer.Stop()
	select {
	case <-c.waiter.done:
		return c.err
	case <-ctx.Done():
		return s.giveUp(c, ctx.Err())
	case <-c.waiter.timer.C:
		return s.giveUp(c, fmt.Errorf("%w: the change has waited for the disk for %v (QueueTimeout) and was cancelled", ErrUnavailable, s.cfg.QueueTimeout))
	}
}

func (s *Storage) giveUp(c *change, why error) error {
	if c.state.CompareAndSwap(queued, cancelled) {
		return why
	}
	<-c.waiter.done
	return c.err
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
	c.value, c.idle, c.absolute = clone(value), entry.WholeMillis(life.Idle), entry.WholeMillis(life.Absolute)
	return s.submit(ctx, c)
}

// Create stores a new session. When it returns nil the session is durable and
// visible. It copies value. Errors: ErrExists, ErrEnded (the key was used before),
// ErrFull, ErrTooLarge, ErrLifetime, ErrUnavailable, ErrClosed.
func (s *Storage) Create(k record.Key, value []byte, life record.Lifetime) error {
	return s.put(context.Background(), &change{kind: create, key: k}, value, life)
}

// Replace changes the value and the idle timeout (0: none) of a live session and
// extends it. Creation time and absolute timeout stay. When it returns nil the
// change is durable and visible. It copies value. Errors: ErrEnded when the session
// is not live, and those of Create except ErrExists.
func (s *Storage) Replace(k record.Key, value []byte, idle time.Duration) error {
	return s.put(context.Background(), &change{kind: replace, key: k}, value, record.Lifetime{Idle: idle})
}

// Rotate is Replace that also moves the session to a new key. The old key then has
// ended with the reason Replaced. Both happen or neither does. Errors: those of
// Replace, ErrExists when to is live, and ErrEnded when to was used before.
func (s *Storage) Rotate(from, to record.Key, value []byte, idle time.Duration) error {
	return s.put(context.Background(), &change{kind: rotate, key: from, to: to}, value, record.Lifetime{Idle: idle})
}

// End ends a session for a reason; NoReason means Deleted. The session is refused to
// all callers from the moment of the call; when End returns nil, that is durable. It
// returns false when there is no live session. With ErrNotDurable the session has
// ended, and the end is written as soon as the file can be. On other errors (ErrFull,
// ErrUnavailable, ErrClosed) the session lives on.
func (s *Storage) End(k record.Key, why record.Reason) (bool, error) {
	return s.end(context.Background(), k, why)
}

func (s *Storage) end(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	why = cmp.Or(why, record.Deleted)
	if !s.index.Refuse(&k, why) {
		return false, s.alive(ctx)
	}
	c := &change{kind: finish, key: k, reason: why}
	err := s.submit(ctx, c)
	if err != nil && !errors.Is(err, ErrNotDurable) {
		s.index.Allow(&k)
		return false, err
	}
	return c.ok, err
}

// Sync returns when every refresh that returned before the call is durable. Errors:
// ErrFull, ErrUnavailable, ErrClosed.
func (s *Storage) Sync() error {
	return s.submit(context.Background(), &change{kind: barrier})
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
