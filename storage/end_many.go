package storage

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"pagesession/storage/record"
)

// maxPiece bounds how many ends of one EndMany are queued at a time, which leaves
// room for others.
const maxPiece = 1024

// EndMany ends sessions as End does, for a reason (NoReason means Deleted), and
// returns how many of them were live. It works in groups of up to 1,024 sessions
// that share commits; the sessions of a group are refused to all callers while it
// waits for the disk. With ErrNotDurable all have ended, some of them in memory only,
// see End. On ErrClosed, and when the context ends, some have ended and the others live on;
// a context that has ended before the call ends none.
func (s *Storage) EndMany(ctx context.Context, keys []record.Key, why record.Reason) (ended int, err error) {
	why = cmp.Or(why, record.Deleted)
	for piece := range slices.Chunk(keys, maxPiece) {
		if done := ctx.Err(); done != nil {
			return ended, cmp.Or(err, done)
		}
		n, failed := s.endPiece(ctx, piece, why)
		ended += n
		if err = cmp.Or(failed, err); failed != nil && !errors.Is(failed, ErrNotDurable) {
			return ended, failed
		}
	}
	return ended, cmp.Or(err, s.alive(ctx))
}

func (s *Storage) endPiece(ctx context.Context, keys []record.Key, why record.Reason) (ended int, err error) {
	var pending []*change
	until := time.Now().Add(s.cfg.QueueTimeout) // one time for all, as they wait together
	for i := range keys {
		c := &change{kind: finish, key: keys[i], reason: why}
		if !s.index.Refuse(&c.key, c.reason) {
			err = cmp.Or(err, s.writer.unsaved(c))
			continue
		}
		failed := s.enqueue(c)
		switch {
		case failed == nil:
			pending = append(pending, c)
			continue
		case !canEndNow(failed):
			s.index.Allow(&c.key)
			err = failed
		default:
			s.writer.endNow(&c.key, why)
			ended, err = ended+1, notDurable(failed)
			continue
		}
		break
	}
	n, failed := s.endPending(ctx, pending, until)
	return ended + n, cmp.Or(failed, err)
}

// endPending waits for the answers to ends that are queued.
func (s *Storage) endPending(ctx context.Context, pending []*change, until time.Time) (ended int, err error) {
	for _, c := range pending {
		switch failed := s.await(ctx, c, time.Until(until)); {
		case failed == nil, errors.Is(failed, ErrNotDurable):
			ended, err = ended+one(c.ok), cmp.Or(failed, err)
		case canEndNow(failed):
			s.writer.endNow(&c.key, c.reason)
			ended, err = ended+1, notDurable(failed)
		default:
			s.index.Allow(&c.key)
			err = failed
		}
	}
	return ended, err
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// EndAll ends every session, for a reason (NoReason means Deleted), and returns how
// many were live. They are refused to all callers from the moment of the call; when
// EndAll returns nil, that is durable. With ErrNotDurable they have ended in memory
// only, see End. On ErrClosed they live on. Sessions that are created after EndAll
// has returned are not affected.
func (s *Storage) EndAll(ctx context.Context, why record.Reason) (ended int, err error) {
	c := &change{kind: reset, reason: cmp.Or(why, record.Deleted)}
	s.index.RefuseAll(c.reason)
	err = s.submit(ctx, c)
	switch {
	case err == nil, errors.Is(err, ErrNotDurable):
		return c.ended, err
	case canEndNow(err):
		defer s.index.AllowAll()
		return s.writer.endAllNow(c.reason), notDurable(err)
	default:
		s.index.AllowAll()
		return 0, err
	}
}
