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
// waits for the disk. With ErrNotDurable all have ended, and their ends are written
// as soon as the file can be. On other errors (ErrFull, ErrUnavailable, ErrClosed)
// some sessions have ended and the others live on.
func (s *Storage) EndMany(keys []record.Key, why record.Reason) (ended int, err error) {
	var later error
	for piece := range slices.Chunk(keys, maxPiece) {
		n, err := s.endPiece(piece, why)
		ended += n
		if errors.Is(err, ErrNotDurable) {
			later = err
		} else if err != nil {
			return ended, err
		}
	}
	return ended, cmp.Or(s.alive(context.Background()), later)
}

func (s *Storage) endPiece(keys []record.Key, why record.Reason) (ended int, err error) {
	var pending []*change
	until := time.Now().Add(s.cfg.QueueTimeout) // one time for all, as they wait together
	for i := range keys {
		c := &change{kind: finish, key: keys[i], reason: cmp.Or(why, record.Deleted)}
		if !s.index.Refuse(&c.key, c.reason) {
			continue
		}
		if err = s.enqueue(c); err != nil {
			s.index.Allow(&c.key)
			break
		}
		pending = append(pending, c)
	}
	var later error
	for _, c := range pending {
		switch failed := s.await(context.Background(), c, time.Until(until)); {
		case errors.Is(failed, ErrNotDurable):
			later = failed
		case failed != nil:
			s.index.Allow(&c.key)
			err = failed
		}
		if c.ok {
			ended++
		}
	}
	return ended, cmp.Or(err, later)
}

// EndAll ends every session, for a reason (NoReason means Deleted), and returns how
// many were live. They are refused to all callers from the moment of the call; when
// EndAll returns nil, that is durable. With ErrNotDurable they have ended, and their
// ends are written as soon as the file can be. On other errors (ErrFull,
// ErrUnavailable, ErrClosed) they live on. Sessions that are created after EndAll
// has returned are not affected.
func (s *Storage) EndAll(why record.Reason) (ended int, err error) {
	return s.endAll(context.Background(), why)
}

func (s *Storage) endAll(ctx context.Context, why record.Reason) (int, error) {
	c := &change{kind: reset, reason: cmp.Or(why, record.Deleted)}
	s.index.RefuseAll(c.reason)
	err := s.submit(ctx, c)
	if err != nil && !errors.Is(err, ErrNotDurable) {
		s.index.AllowAll()
		return 0, err
	}
	return c.ended, err
}
