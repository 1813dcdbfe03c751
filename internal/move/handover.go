package move

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pagesession/storage/record"
)

// piece hands over some sessions, except those that calls don't leave alone, and returns how
// many there were.
func (s *Store) piece(ctx context.Context, p *phase, handles []record.Handle) (found int, err error) {
	if err := p.barrier.enter(ctx); err != nil {
		return 0, err
	}
	defer p.barrier.leave()
	shut := make([]record.Handle, 0, len(handles))
	for _, h := range handles {
		if p.doors.close(ctx, h) == nil {
			shut = append(shut, h)
			defer p.doors.open(h)
		}
	}
	found, err = s.handOver(ctx, p, shut)
	return found + len(handles) - len(shut), err
}

// handOver hands over the sessions of handles that are live in the source, and returns how
// many there were. The caller has shut their doors. An error is that of one; the others have
// moved.
func (s *Store) handOver(ctx context.Context, p *phase, handles []record.Handle) (found int, err error) {
	asked := time.Now()
	rows, err := p.from.FindMany(ctx, handles)
	if err != nil {
		return 0, err
	}
	rows = slices.DeleteFunc(rows, func(row record.Row) bool { return row.State != record.Live })
	found = len(rows)
	rows = later(rows, time.Since(asked))
	var keys []record.Key
	for i, failed := range p.at.Adopt(ctx, rows) {
		switch {
		case failed == nil:
			keys = append(keys, rows[i].Key)
		case errors.Is(failed, record.ErrEnded):
			err = cmp.Or(p.endLike(ctx, rows[i].Key), err)
		default:
			err = failed
		}
	}
	for i, failed := range p.from.Disown(ctx, keys) {
		if failed != nil {
			err = failed
			continue
		}
		p.moved.Add(1)
		s.watches.move(keys[i], p.at)
	}
	return found, err
}

// later returns the rows as they are some time after they were read, without those whose
// time is up. It rounds up, so no session lives longer.
func later(rows []record.Row, by time.Duration) []record.Row {
	by = by.Truncate(time.Millisecond) + time.Millisecond
	rows = slices.DeleteFunc(rows, func(row record.Row) bool {
		return row.Remaining > 0 && row.Remaining <= by || row.AbsoluteRemaining > 0 && row.AbsoluteRemaining <= by
	})
	for i := range rows {
		row := &rows[i]
		row.Age, row.Unused = row.Age+by, row.Unused+by
		if row.Remaining > 0 {
			row.Remaining -= by
		}
		if row.AbsoluteRemaining > 0 {
			row.AbsoluteRemaining -= by
		}
	}
	return rows
}

// errTimeUp is the error about a session whose time was up by the target's clock when it was
// handed over. By the source's it is not, and that decides: the clocks may differ, or the
// target's was set. It is tried again, or times out at the source.
var errTimeUp = fmt.Errorf("move: the session's time is up at the target: %w", record.ErrUnavailable)

// endLike ends a session at the source that was ended in the target, and returns errTimeUp
// for one that only timed out there, or is unknown.
func (p *phase) endLike(ctx context.Context, k record.Key) error {
	rec, err := p.at.Peek(ctx, k)
	switch {
	case err != nil || rec.State == record.Live:
		return err
	case rec.State == record.None, rec.Reason == record.Idle, rec.Reason == record.Absolute:
		return errTimeUp
	}
	_, err = p.from.End(ctx, k, rec.Reason)
	return err
}
