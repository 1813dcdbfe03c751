package storage

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

type changeKind uint8

const (
	create        changeKind = iota // must be unused
	upsert                          // replace when live, create when unused
	replace                         // must be live
	rotate                          // key must be live, to unused
	finish                          // end it
	finishSubject                   // end all of a subject
	reset                           // end all
	barrier                         // nothing: answered when all before it is durable
)

// A change is one request to the writer. The caller owns it until it is
// queued and again when the writer has sent on waiter.done.
type change struct {
	kind     changeKind
	key, to  record.Key
	value    []byte
	idle     int64
	absolute int64 // duration from creation
	reason   record.Reason
	version  uint64  // that the session must have; 0: any
	subject  *string // nil: that which it has

	until  int64        // finishSubject: of sessions created no later
	except []record.Key // and not of these

	state atomic.Int32

	waiter *waiter // the caller's

	// Answers, written by the writer.
	next  *entry.Entry // what the key holds once durable; nil: nothing
	old   uint64       // sequence number of what it takes the place of; 0: nothing
	ended int          // live sessions that a finishSubject or a reset has ended
	ok    bool         // it changes something
	err   error
}

// creates reports whether a change that was made has made a session.
func (c *change) creates() bool {
	return (c.kind == create || c.kind == upsert) && c.old == 0
}

// alone reports whether a change needs a batch of its own: before it index and
// file must agree.
func (c *change) alone() bool { return c.kind == reset || c.kind == finishSubject }

// onlyEnds reports whether a change only ends sessions: it has room in the queue
// when nothing else has.
func (c *change) onlyEnds() bool { return c.kind == finish || c.alone() }

// States of a change: writer and caller compete to leave queued.
const (
	queued int32 = iota
	taken
	cancelled
)

// A waiter is what a caller waits with. It is used again: the writer sends on done
// once for each change that it takes, and the caller leaves only after it has
// received that, or has taken the change out.
type waiter struct {
	done  chan struct{} // has room for the one answer
	timer *time.Timer   // stopped, unless the caller waits
}

func newWaiter() any {
	w := &waiter{done: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
	w.timer.Stop()
	return w
}

// submit queues a change and waits until it is durable or refused. A caller can
// give up only while the change is queued; then it is out for good.
func (s *Storage) submit(ctx context.Context, c *change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.enqueue(c); err != nil {
		return err
	}
	return s.await(ctx, c, s.cfg.QueueTimeout)
}

// await waits for a queued change, at most so long for the writer to take it.
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
		return s.giveUp(c, fmt.Errorf("%w: no answer from the disk in %v", ErrUnavailable, s.cfg.QueueTimeout))
	}
}

func (s *Storage) giveUp(c *change, why error) error {
	if c.state.CompareAndSwap(queued, cancelled) {
		return why
	}
	<-c.waiter.done
	return c.err
}

// enqueue gives a change a waiter and queues it, for await.
func (s *Storage) enqueue(c *change) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed.Load() {
		return ErrClosed
	}
	if err := s.writer.fenced(); err != nil {
		return err
	}
	c.waiter = s.waiters.Get().(*waiter)
	err := s.writer.accept(c)
	if err != nil {
		s.waiters.Put(c.waiter)
	}
	return err
}

// put submits a change with a copy of the value, unless no state of the storage
// could allow it.
func (s *Storage) put(ctx context.Context, c *change, value []byte, life record.Lifetime) error {
	if len(value) > s.cfg.MaxValueBytes {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(value), s.cfg.MaxValueBytes)
	}
	if d := min(life.Idle, life.Absolute); d < 0 {
		return fmt.Errorf("%w: %v", ErrLifetime, d)
	}
	c.value, c.idle, c.absolute = clone(value), entry.WholeMillis(life.Idle), entry.WholeMillis(life.Absolute)
	return s.submit(ctx, c)
}

// Create stores a new session. When it returns nil the session is durable and
// visible. value is copied. Errors: ErrExists, ErrEnded, ErrFull, ErrTooLarge,
// ErrLifetime, ErrUnavailable, ErrClosed.
func (s *Storage) Create(k record.Key, value []byte, life record.Lifetime) error {
	return s.put(context.Background(), &change{kind: create, key: k}, value, life)
}

// Replace changes the value and the idle timeout (0: none) of a live session
// and starts its idle time again. Its creation and absolute timeout stay. When
// it returns nil the change is durable and visible. value is copied. Errors:
// ErrEnded unless the session is live, and those of Create.
func (s *Storage) Replace(k record.Key, value []byte, idle time.Duration) error {
	return s.put(context.Background(), &change{kind: replace, key: k}, value, record.Lifetime{Idle: idle})
}

// Rotate is Replace under a new key; the old one has ended with Replaced. Both
// happen or neither does. Errors: ErrExists, and those of Replace.
func (s *Storage) Rotate(from, to record.Key, value []byte, idle time.Duration) error {
	return s.put(context.Background(), &change{kind: rotate, key: from, to: to}, value, record.Lifetime{Idle: idle})
}

// End ends a session. It is refused to all callers from the call on; when End
// returns nil that is durable. It returns false when there was no live session.
// On an error (ErrFull, ErrUnavailable, ErrClosed) the session lives on.
func (s *Storage) End(k record.Key, why record.Reason) (bool, error) {
	return s.end(context.Background(), k, why)
}

func (s *Storage) end(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	why = cmp.Or(why, record.Deleted)
	if !s.index.Refuse(&k, why) {
		return false, s.alive(ctx)
	}
	c := &change{kind: finish, key: k, reason: why}
	if err := s.submit(ctx, c); err != nil {
		s.index.Allow(&k)
		return false, err
	}
	return c.ok, nil
}

// Sync returns when every refresh that returned before it is durable.
func (s *Storage) Sync() error {
	return s.submit(context.Background(), &change{kind: barrier})
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
