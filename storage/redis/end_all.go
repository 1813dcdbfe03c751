package redis

import (
	"context"

	"pagesession/storage/record"
)

// EndAll ends all sessions that were created before the call, and returns how many were
// live. A session that is rotated meanwhile ends under its new key. Errors: ErrNoIndex, and
// those of EndMany.
func (s *Store) EndAll(ctx context.Context, why record.Reason) (int, error) {
	if s.cfg.NoIndex {
		return 0, ErrNoIndex
	}
	until := s.clock.now()
	total, volatile := 0, error(nil)
	for tag := range tags {
		n, err := s.endTag(ctx, tag, until, why)
		total += n
		switch {
		case isNotDurable(err):
			volatile = err
		case err != nil:
			return total, err
		}
	}
	return total, volatile
}

// endTag ends the sessions of one tag.
func (s *Store) endTag(ctx context.Context, tag int, until int64, why record.Reason) (int, error) {
	handles, err := s.ranks(ctx, tag, 0, 0)
	if err != nil {
		return 0, err
	}
	rows, err := s.FindMany(ctx, handles)
	if err != nil {
		return 0, err
	}
	var keys []record.Key
	for _, row := range rows {
		if row.State == record.Live {
			keys = append(keys, row.Key)
		}
	}
	return s.count(ctx, len(keys), func(ctx context.Context, i int) (bool, error) {
		return s.pursue(ctx, keys[i], why, condition{until: until})
	})
}

// Sweep forgets the sessions that timed out, as the servers do by themselves every few
// minutes, and returns how many there were.
func (s *Store) Sweep(ctx context.Context) (n int, err error) {
	if s.cfg.NoIndex {
		return 0, ErrNoIndex
	}
	for tag := range tags {
		buried, err := s.sweepTag(ctx, tag)
		n += buried
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
