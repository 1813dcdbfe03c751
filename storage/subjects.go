package storage

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// OfSubject returns the live sessions of a subject, in no order. The subject "" has
// no sessions. It waits for no disk and costs about one Peek a session. Errors:
// ErrClosed, the context's.
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
// except those whose keys are in except, and returns how many were live. NoReason
// means Deleted. The sessions are refused to all callers from the moment of the
// call; when EndSubject returns nil, that is durable. With ErrNotDurable they have
// ended in memory only, see Storage.End. On ErrClosed and the context's error they
// live on.
//
// The writer ends all of them in one step, between two changes. So a session that is
// rotated meanwhile ends under its new key, even if its old key is in except.
func (s Sessions) EndSubject(ctx context.Context, subject string, why record.Reason, except ...record.Key) (ended int, err error) {
	st, reason := s.storage, cmp.Or(why, record.Deleted)
	c := &change{kind: finishSubject, subject: &subject, until: st.line.Now(), except: except, reason: reason}
	keys := st.index.KeysOf(subject)
	if len(keys) == 0 {
		return 0, st.notLive(ctx, c)
	}
	for _, k := range keys {
		if st.concerns(c, k) && st.index.Refuse(&k, reason) {
			defer st.index.Allow(&k) // no effect on a session that has ended
		}
	}
	err = st.submit(ctx, c)
	switch {
	case err == nil, errors.Is(err, ErrNotDurable):
		return c.ended, err
	case canEndNow(err):
		return st.endSubjectNow(c), notDurable(err)
	default:
		return 0, err
	}
}

// endSubjectNow is endNow for the sessions that an EndSubject ends. It returns how
// many were live.
func (s *Storage) endSubjectNow(c *change) (ended int) {
	for _, k := range s.index.KeysOf(*c.subject) {
		if s.concerns(c, k) {
			s.writer.endNow(&k, c.reason)
			ended++
		}
	}
	return ended
}

// concerns reports whether the EndSubject c ends the session of a key, as things are
// now.
func (s *Storage) concerns(c *change, k record.Key) bool {
	e, state := s.index.LookUp(&k)
	return state == record.Live && c.endsOne(&e)
}

// endsOne reports whether the EndSubject c ends a live session of its subject.
func (c *change) endsOne(e *entry.Entry) bool {
	return e.Created <= c.until && !slices.Contains(c.except, e.Key)
}

// finishSubject ends a subject's sessions. It is alone in its batch, so the index
// agrees with the file and no rotation is under way.
func (b *batch) finishSubject(c *change) error {
	for _, k := range b.w.index.KeysOf(*c.subject) {
		e, status := b.current(k)
		if status != record.Live || !c.endsOne(&e) {
			continue
		}
		if err := b.end(&e, c.reason); err != nil {
			return err
		}
		c.ended++
	}
	c.ok = c.ended > 0
	return nil
}
