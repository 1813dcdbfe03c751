package redis

import (
	"cmp"
	"context"
	"encoding/binary"

	"pagesession/storage/record"
)

// End ends a session. NoReason means Deleted. It returns false and no error when there is
// no live session. When it returns nil the session has ended for all servers. Errors:
// record.ErrNotDurable (see Config.Replicas: it has ended, by this call or, with false, by
// an earlier one), record.ErrUnavailable, the context's.
func (s *Store) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	for range 3 {
		a, err := s.endOne(ctx, &k, why, nil)
		if err != nil {
			return false, err
		}
		switch {
		case a.outcome == outcomeDone:
			return !s.hadExpired(&k, &a), s.replicated(ctx, k.Handle())
		case a.outcome == outcomeNone && len(a.value) > 0: // an earlier call ended it
			return false, s.replicated(ctx, k.Handle())
		case a.outcome == outcomeNone:
			return false, nil
		}
		if v, err := s.look(ctx, &k); err != nil || v.State != record.Live {
			return false, err
		}
	}
	return false, errAway
}

// A condition is what has to be true of a session that EndSubject ends.
type condition struct {
	subject string
	until   int64 // its last creation
	moved   bool  // a rotation to this key is known to have happened
}

// endOne runs the script that ends a session.
func (s *Store) endOne(ctx context.Context, k *record.Key, why record.Reason, only *condition) (answer, error) {
	subject, until, moved := "", "", "0"
	if only != nil {
		h := head{subject: only.subject}
		subject, until = string(h.appendSubject(nil)), number(only.until-epoch)
		if only.moved {
			moved = "1"
		}
	}
	a, err := s.runSession(ctx, s.scripts.end, k, "", newStone(why), number(remembered), moved, subject, until)
	if err != nil {
		return a, err
	}
	s.known.forget(k)
	if a.outcome == outcomeDone {
		s.hasEnded(ctx, k, why, &a)
	}
	return a, nil
}

// newStone returns a tombstone that no other call makes, so that a call that is repeated
// knows its own.
func newStone(why record.Reason) string {
	stone := []byte{byte(cmp.Or(why, record.Deleted))}
	return string(binary.BigEndian.AppendUint32(stone, random32()))
}

// hasEnded does what follows an end on this server: it counts it, tells waiting calls, and takes
// the session from its subject's.
func (s *Store) hasEnded(ctx context.Context, k *record.Key, why record.Reason, a *answer) {
	why = cmp.Or(why, record.Deleted)
	if s.hadExpired(k, a) {
		why = record.NoReason
	}
	s.known.forget(k)
	s.tally.ends[why].Add(1)
	s.waits.wake(*k)
	s.leftBy(ctx, k, a.value)
}

// hadExpired reports whether the session had passed a deadline when it was ended.
func (s *Store) hadExpired(k *record.Key, a *answer) bool {
	h, _, err := parse(k.Handle(), a.value)
	if err != nil {
		return false // the answer to a repeated command has no value
	}
	_, expired := h.expired(a.now)
	return expired
}

// leftBy takes a session that has ended from its subject's. What cannot be read or reached
// stays, and is removed by a later reading.
func (s *Store) leftBy(ctx context.Context, k *record.Key, value []byte) {
	if h, _, err := parse(k.Handle(), value); err == nil {
		s.left(ctx, &h)
	}
}
