package redis

import (
	"context"

	"pagesession/storage/record"
)

// settled is how old an entry of a subject's set must be before it is removed because it
// has no session: a change that was to make one has been made or refused long before.
const settled = 2 * 60 * 1000

// tidyAt is at how many entries, and multiples of it, a change that adds one removes those
// without a session.
const tidyAt = 64

// An entry is a session in a subject's set.
type entry struct {
	key   record.Key
	added int64 // when, by Redis's clock
}

func (s *Store) setOf(subject string) (name string, tag int) {
	h := handleOf(subject)
	return s.name(kindSubject, h), tagOf(h)
}

// join adds a session to its subject's set. It comes before the session gets the subject.
// Entries without a session do no harm; a session without an entry would be missed.
func (s *Store) join(ctx context.Context, h *head) error {
	if h.subject == "" {
		return nil
	}
	var until int64
	if h.absolute > 0 {
		created := h.created
		if created == 0 {
			created = s.clock.now()
		}
		until = created + h.absolute + settled
	}
	name, tag := s.setOf(h.subject)
	a, err := s.run(ctx, s.scripts.join, tag, []string{name}, string(h.key[:]), number(until))
	if err == nil && a.left >= tidyAt && a.left%tidyAt == 0 {
		_, _ = s.OfSubject(ctx, h.subject) // it tidies; the change goes on without
	}
	return err
}

// left removes a session that has ended, or has another subject now, from its subject's
// set. If that fails, a later reading does it.
func (s *Store) left(ctx context.Context, h *head) {
	if h.subject == "" {
		return
	}
	name, tag := s.setOf(h.subject)
	_ = s.do(ctx, tag, func(ctx context.Context) error {
		return s.client.Do(ctx, s.client.B().Zrem().Key(name).Member(string(h.key[:])).Build()).Error()
	})
}

// entries reads a subject's set.
func (s *Store) entries(ctx context.Context, subject string) (list []entry, err error) {
	name, tag := s.setOf(subject)
	err = s.do(ctx, tag, func(ctx context.Context) error {
		scores, err := s.client.Do(ctx, s.client.B().Zrange().Key(name).Min("0").Max("-1").Withscores().Build()).AsZScores()
		list = list[:0]
		for _, z := range scores {
			if len(z.Member) == len(record.Key{}) {
				list = append(list, entry{record.Key([]byte(z.Member)), int64(z.Score)})
			}
		}
		return err
	})
	return list, err
}

// OfSubject returns the live sessions of a subject, in no order. The subject "" has no
// sessions. Errors: record.ErrUnavailable, the context's.
func (s *Store) OfSubject(ctx context.Context, subject string) (rows []record.Row, err error) {
	if err := ctx.Err(); err != nil || subject == "" {
		return nil, err
	}
	list, err := s.entries(ctx, subject)
	if err != nil {
		return nil, err
	}
	keys := make([]record.Key, len(list))
	for i, e := range list {
		keys[i] = e.key
	}
	views, err := s.lookAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	now := s.clock.now() // each was read at an instant of its own
	for i, v := range views {
		switch {
		case v.State == record.Live && v.head.subject == subject:
			v.Age = duration(max(0, now-v.head.created))
			rows = append(rows, v.row())
		case v.head.form != pending && now-list[i].added > settled:
			s.drop(ctx, subject, &list[i])
		}
	}
	return rows, nil
}

// drop removes an entry without a session, unless it was added again meanwhile.
func (s *Store) drop(ctx context.Context, subject string, e *entry) {
	name, tag := s.setOf(subject)
	_, _ = s.run(ctx, s.scripts.leave, tag, []string{name}, string(e.key[:]), number(e.added))
}

// lookAll is look for many keys. The commands of a node go to it together.
func (s *Store) lookAll(ctx context.Context, keys []record.Key) ([]view, error) {
	views := make([]view, len(keys))
	err := s.each(ctx, len(keys), func(ctx context.Context, i int) (err error) {
		views[i], err = s.look(ctx, &keys[i])
		return err
	})
	return views, err
}

// row returns the row of a live session.
func (v *view) row() record.Row {
	used := v.IdleTimeout - v.Remaining
	if v.IdleTimeout == 0 || v.AbsoluteRemaining > 0 && v.Remaining >= v.AbsoluteRemaining {
		used = 0 // it cannot be told from the TTL
	}
	return record.Row{
		Handle: v.head.key.Handle(), State: v.State, Key: v.head.key, Subject: v.head.subject, Value: v.Value,
		Age: v.Age, Unused: used, IdleTimeout: v.IdleTimeout, Remaining: v.Remaining, AbsoluteRemaining: v.AbsoluteRemaining,
	}
}
