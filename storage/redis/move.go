package redis

import (
	"context"
	"fmt"

	"github.com/redis/rueidis"

	"pagesession/storage/record"
)

// The methods in this file are for moving sessions from one store to another while both are
// open: Handles and FindMany of the one, Adopt of the other, Disown of the one. Between
// FindMany and Disown the caller keeps all other calls from these sessions, also those of
// other servers.

// Handles calls found with the handles in the index, a part at a time: those of the live
// sessions, and of some that timed out in the last minutes. Sessions that are created or
// ended meanwhile may be missing, or be there. It returns the first error of found. Other
// errors: ErrNoIndex, record.ErrUnavailable, the context's.
func (s *Store) Handles(ctx context.Context, found func([]record.Handle) error) error {
	if s.cfg.NoIndex {
		return ErrNoIndex
	}
	for tag := range tags {
		list, err := s.ranks(ctx, tag, 0, 0)
		if err == nil && len(list) > 0 {
			err = found(list)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Adopt takes over sessions as they are in another store: key, value, subject, age and both
// timeouts, and what is left of them, as the rows say that it is at the call. What is live
// under such a key is replaced. Each session gets an error of its own, in the order of the
// rows; nil: it is visible. Errors: record.ErrEnded when the key's session was ended here, by
// anything but a timeout, or when no time is left; those of Create.
func (s *Store) Adopt(ctx context.Context, rows []record.Row) []error {
	now, errs := s.clock.atLeast(), make([]error, len(rows))
	_ = s.each(ctx, len(rows), func(ctx context.Context, i int) error {
		errs[i] = s.adopt(ctx, &rows[i], now)
		return nil
	})
	return errs
}

// adopt takes over one session as it is at an instant by Redis's clock.
func (s *Store) adopt(ctx context.Context, row *record.Row, now int64) error {
	if err := check(&record.Content{Value: []byte(row.Value), Subject: row.Subject}); err != nil {
		return err
	}
	h := head{
		form: byTTL, key: row.Key, version: newVersion(0), created: now - row.Age.Milliseconds(),
		subject: row.Subject, idle: millis(row.IdleTimeout),
	}
	if row.AbsoluteRemaining > 0 {
		h.absolute = row.Age.Milliseconds() + row.AbsoluteRemaining.Milliseconds()
	}
	if err := s.join(ctx, &h); err != nil {
		return err
	}
	last := int64(0)
	if row.Remaining > 0 {
		last = now + row.Remaining.Milliseconds()
	}
	b := h.appendSubject(h.appendCreated(h.start()))
	b = append(b, h.rest([]byte(row.Value))...)
	a, err := s.runSession(ctx, s.scripts.adopt, &h.key, "", string(b), number(h.created), number(last), number(int64(record.Absolute)))
	s.known.forget(&h.key)
	if err != nil {
		return err
	}
	return outcomeError(&a)
}

// Disown removes sessions that another store has taken over: they have not ended, and leave
// no tombstone. Each gets an error of its own, in the order of the keys; nil: there is no
// live session under the key. Errors: record.ErrUnavailable, the context's, when it is not
// known whether the session is still here.
func (s *Store) Disown(ctx context.Context, keys []record.Key) []error {
	errs := make([]error, len(keys))
	_ = s.each(ctx, len(keys), func(ctx context.Context, i int) error {
		errs[i] = s.disown(ctx, &keys[i])
		return nil
	})
	return errs
}

func (s *Store) disown(ctx context.Context, k *record.Key) error {
	a, err := s.runSession(ctx, s.scripts.disown, k, "")
	s.known.forget(k)
	if err == nil && a.outcome == outcomeDone {
		s.leftBy(ctx, k, a.value)
	}
	return err
}

// SetMark notes in Redis what becomes of the sessions: that they are moving to another store,
// or have moved. Open returns record.ErrMoved then, unless Config.Moving is set. The zero Move
// takes the note away. Errors: record.ErrUnavailable, the context's.
func (s *Store) SetMark(ctx context.Context, m record.Move) error {
	name := s.ofTag(kindMove, 0)
	return s.do(ctx, 0, func(ctx context.Context) error {
		if m == (record.Move{}) {
			return s.client.Do(ctx, s.client.B().Del().Key(name).Build()).Error()
		}
		return s.client.Do(ctx, s.client.B().Set().Key(name).Value(m.String()).Build()).Error()
	})
}

// Mark returns what SetMark has noted; the zero Move for nothing. Errors: record.ErrUnavailable, the context's, or that a
// newer version has noted something else.
func (s *Store) Mark(ctx context.Context) (record.Move, error) {
	var text string
	err := s.do(ctx, 0, func(ctx context.Context) (err error) {
		text, err = s.client.Do(ctx, s.client.B().Get().Key(s.ofTag(kindMove, 0)).Build()).ToString()
		if rueidis.IsRedisNil(err) {
			text, err = "", nil
		}
		return err
	})
	if err != nil {
		return record.Move{}, err
	}
	return record.ParseMove(text)
}

// stays returns a MovedError if the sessions are not only here, unless Config.Moving is set.
func (s *Store) stays(ctx context.Context) error {
	if s.cfg.Moving {
		return nil
	}
	text, err := s.client.Do(ctx, s.client.B().Get().Key(s.ofTag(kindMove, 0)).Build()).ToString()
	if rueidis.IsRedisNil(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask Redis for the mark of a move: %w", connectError(err))
	}
	m, err := record.ParseMove(text)
	if err != nil {
		return err
	}
	return &record.MovedError{Move: m}
}
