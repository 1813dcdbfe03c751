package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// End ends a session for a reason; NoReason means Deleted. The session is refused to
// all callers from the moment of the call; when End returns nil, that is durable. It
// returns false when there is no live session.
//
// With true and ErrNotDurable the session has ended in memory, but not on disk: the
// disk is full, has failed, or has not answered within QueueTimeout. The next
// flush that succeeds writes the end; a crash before that can undo it. On ErrClosed
// the session lives on.
func (s *Storage) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	why = cmp.Or(why, record.Deleted)
	if !s.index.Refuse(&k, why) {
		return false, s.alive(ctx)
	}
	c := &change{kind: finish, key: k, reason: why}
	err := s.submit(ctx, c)
	switch {
	case err == nil, errors.Is(err, ErrNotDurable):
		return c.ok, err
	case canEndNow(err):
		s.endNow(&k, why)
		return true, notDurable(err)
	default:
		s.index.Allow(&k)
		return false, err
	}
}

// canEndNow reports whether a session can end in memory although its end could not
// be written. It can if the disk or the queue failed, and the storage is open.
func canEndNow(err error) bool {
	disk := errors.Is(err, ErrUnavailable) || errors.Is(err, ErrFull)
	return disk && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrReadOnly)
}

// notDurable returns the error for an end that is in memory only, with its cause.
func notDurable(cause error) error { return fmt.Errorf("%w: %v", ErrNotDurable, cause) }

// endNow ends a session in memory. The next flush that succeeds writes the end, as
// it does for an expired session.
func (s *Storage) endNow(k *record.Key, why record.Reason) {
	if e, live := s.index.TakeOut(k, why); live {
		s.trash.add([]uint64{e.Seq}, []entry.End{e.End})
		s.waits.wake(*k)
	}
}

// endAllNow is endNow for every session. It returns how many were live.
func (s *Storage) endAllNow(why record.Reason) (ended int) {
	var records []uint64
	var ends []entry.End
	ended = s.index.TakeOutAll(why, func(e index.Ended) {
		records, ends = append(records, e.Seq), append(ends, e.End)
	})
	s.trash.add(records, ends)
	s.waits.wakeAll()
	return ended
}
