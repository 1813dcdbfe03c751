package storage

import (
	"context"
	"slices"

	"pagesession/storage/record"
)

// OfSubject returns the live sessions of a subject, in no order. It waits for no
// disk and costs about a Peek for each of them. No session has the subject "".
// Errors: ErrClosed, the context's.
func (s Sessions) OfSubject(ctx context.Context, subject string) (rows []record.Row, err error) {
	if err := s.storage.alive(ctx); err != nil {
		return nil, err
	}
	for _, k := range s.storage.index.KeysOf(subject) {
		if row := s.storage.Find(k.Handle()); row.State == record.Live && row.Subject == subject {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// EndSubject ends the sessions of a subject that were created before the call,
// except those of the keys in except, as EndMany does, and returns how many were
// live. It returns after the ends are durable. One that is rotated meanwhile
// ends under its new key: EndSubject looks again, each time after the writer has
// done what was queued, until it finds none. Errors: those of EndMany, the
// context's; some may have ended then.
func (s Sessions) EndSubject(ctx context.Context, subject string, why record.Reason, except ...record.Key) (ended int, err error) {
	began := s.storage.line.Now()
	for settled := false; ; {
		keys := slices.DeleteFunc(s.storage.index.KeysOf(subject), func(k record.Key) bool { return slices.Contains(except, k) })
		if len(keys) == 0 {
			return ended, s.storage.alive(ctx)
		}
		keys = s.storage.createdUntil(began, keys)
		switch {
		case len(keys) > 0:
			n, err := s.storage.EndMany(keys, why)
			if ended += n; err != nil {
				return ended, err
			}
			settled = false
		case settled:
			return ended, nil
		default:
			if err := s.storage.submit(ctx, &change{kind: barrier}); err != nil {
				return ended, err
			}
			settled = true
		}
	}
}

// createdUntil returns the keys of live sessions that were created at that time or
// before. It reuses keys.
func (s *Storage) createdUntil(at int64, keys []record.Key) []record.Key {
	return slices.DeleteFunc(keys, func(k record.Key) bool {
		e, state := s.index.LookUp(&k)
		return state != record.Live || e.Created > at
	})
}
