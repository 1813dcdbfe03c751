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
// commits that succeed write the end; a crash before that can undo it. With false and
// ErrNotDurable the session had ended before, and a crash may undo that. On ErrClosed
// the session lives on.
func (s *Storage) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	why = cmp.Or(why, record.Deleted)
	if !s.index.Refuse(&k, why) {
		return false, s.notLive(ctx, &change{kind: finish, key: k})
	}
	c := &change{kind: finish, key: k, reason: why}
	err := s.submit(ctx, c)
	switch {
	case err == nil, errors.Is(err, ErrNotDurable):
		return c.ok, err
	case canEndNow(err):
		s.writer.endNow(&k, why)
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

// notLive returns the answer to an end that finds no live session.
func (s *Storage) notLive(ctx context.Context, c *change) error {
	return cmp.Or(s.alive(ctx), s.writer.unsaved(c))
}

// unsaved returns ErrNotDurable if a session that c has found ended, or has ended,
// may be live again after a crash. One of a subject may be among all that are owed.
func (w *writer) unsaved(c *change) error {
	if err := w.owed.err(); err != nil && (c.kind != finish || w.index.MayHaveEnded(&c.key, w.owed.since.Load())) {
		return err
	}
	return nil
}

// endNow ends a session in memory and owes its end to the file. It reports whether
// the session was live. Callers and the writer use it.
func (w *writer) endNow(k *record.Key, why record.Reason) (live bool) {
	w.owed.incur(w.line.Now(), func(owe func(index.Ended)) {
		var e index.Ended
		if e, live = w.index.TakeOut(k, why); live {
			owe(e)
			w.waits.wake(*k)
		}
	})
	return live
}

// endAllNow is endNow for every session that is visible. It returns how many were
// live. What becomes visible later has a number that was given later, so the mark that
// is owed leaves it alone.
func (w *writer) endAllNow(why record.Reason) (ended int) {
	w.showing.Lock()
	defer w.showing.Unlock()
	w.owed.incur(w.line.Now(), func(func(index.Ended)) {
		how := entry.Tombstone{At: w.line.Now(), Reason: why}
		if ended = w.index.SetAside(how); ended > 0 {
			w.owed.oweAll(endedAll{before: w.shown + 1, how: how, live: ended})
		}
	})
	w.waits.wakeAll()
	return ended
}
