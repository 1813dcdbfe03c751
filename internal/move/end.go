package move

import (
	"cmp"
	"context"
	"errors"

	"pagesession/storage/record"
)

// End implements session.Store.
func (s *Store) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	p, calls := s.begin(k[0])
	defer calls.Add(-1)
	h := k.Handle()
	if p.from != nil {
		if err := p.doors.enter(ctx, h); err != nil {
			return false, err
		}
		defer p.doors.leave(h)
	}
	n, err := p.both(func(at Side) (int, error) {
		ended, err := at.End(ctx, k, why)
		if ended {
			return 1, err
		}
		return 0, err
	})
	return n > 0, err
}

// both ends sessions in the target and then in the source, and returns how many ended. An
// error of the target leaves the source alone.
func (p *phase) both(end func(Side) (int, error)) (int, error) {
	n, err := end(p.at)
	if p.from == nil || err != nil && !errors.Is(err, record.ErrNotDurable) {
		return n, err
	}
	more, failed := end(p.from)
	if failed != nil && !errors.Is(failed, record.ErrNotDurable) {
		err = failed
	}
	return n + more, cmp.Or(err, failed)
}

// manyEnded is both for many sessions: it keeps any from being handed over meanwhile.
func (s *Store) manyEnded(ctx context.Context, end func(Side) (int, error)) (int, error) {
	p, calls := s.begin(0)
	defer calls.Add(-1)
	if p.from != nil {
		if err := p.barrier.close(ctx); err != nil {
			return 0, err
		}
		defer p.barrier.open()
	}
	return p.both(end)
}

// EndSubject implements session.Store.
func (s *Store) EndSubject(ctx context.Context, subject string, why record.Reason, except ...record.Key) (int, error) {
	return s.manyEnded(ctx, func(at Side) (int, error) { return at.EndSubject(ctx, subject, why, except...) })
}

// EndMany ends sessions and returns how many of them were live. Errors as End; after another
// than record.ErrNotDurable some may have ended.
func (s *Store) EndMany(ctx context.Context, keys []record.Key, why record.Reason) (int, error) {
	return s.manyEnded(ctx, func(at Side) (int, error) { return at.EndMany(ctx, keys, why) })
}

// EndAll ends all sessions and returns how many were live. Errors as EndMany.
func (s *Store) EndAll(ctx context.Context, why record.Reason) (int, error) {
	return s.manyEnded(ctx, func(at Side) (int, error) { return at.EndAll(ctx, why) })
}

// OfSubject implements session.Store. It asks the source first, so a session that is handed
// over meanwhile is not missed.
func (s *Store) OfSubject(ctx context.Context, subject string) ([]record.Row, error) {
	p, calls := s.begin(0)
	defer calls.Add(-1)
	if p.from == nil {
		return p.at.OfSubject(ctx, subject)
	}
	rows, err := p.from.OfSubject(ctx, subject)
	if err != nil {
		return nil, err
	}
	seen := make(map[record.Handle]bool, len(rows))
	for _, row := range rows {
		seen[row.Handle] = true
	}
	more, err := p.at.OfSubject(ctx, subject)
	for _, row := range more {
		if !seen[row.Handle] {
			rows = append(rows, row)
		}
	}
	return rows, err
}

// FindMany returns the sessions of handles, in their order. Errors: record.ErrUnavailable, the
// context's.
func (s *Store) FindMany(ctx context.Context, handles []record.Handle) ([]record.Row, error) {
	p, calls := s.begin(0)
	defer calls.Add(-1)
	if p.from == nil {
		return p.at.FindMany(ctx, handles)
	}
	rows, err := p.from.FindMany(ctx, handles)
	if err != nil {
		return nil, err
	}
	more, err := p.at.FindMany(ctx, handles)
	for i := range rows {
		if err == nil && rows[i].State == record.None {
			rows[i] = more[i]
		}
	}
	return rows, err
}

// Count returns the number of sessions, with some that have timed out. Errors as FindMany.
func (s *Store) Count(ctx context.Context) (int, error) {
	p, calls := s.begin(0)
	defer calls.Add(-1)
	n, err := p.at.Count(ctx)
	if p.from == nil || err != nil {
		return n, err
	}
	more, err := p.from.Count(ctx)
	return n + more, err
}
