package redis

import (
	"context"

	"pagesession/storage/record"
)

// pendingTime is how long the pending value of a rotation stays, in milliseconds.
const pendingTime = 10 * 60 * 1000

// Rotate is Replace that also moves the session to a new key. The old key then has ended
// with the reason Replaced. Age and absolute timeout stay. If this program or Redis fails
// in the midst of it, the session is live under its old key or, once Redis answers again,
// under the new one. Errors: those of Replace, record.ErrEnded when to was used before, and
// record.ErrNotDurable, with the Record: the session has moved, but too few replicas have
// the end of the old key (see Config.Replicas).
func (s *Store) Rotate(ctx context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error) {
	if err := check(&c); err != nil {
		return record.Record{}, err
	}
	var moved record.Record
	_, err := s.onCurrent(ctx, &from, version, func(old *head) (a answer, err error) {
		a, moved, err = s.rotate(ctx, old, &to, &c)
		return a, err
	})
	if err != nil {
		return record.Record{}, err
	}
	return moved, s.replicated(ctx, from.Handle())
}

// rotate makes the three steps. The second is the instant of the rotation.
func (s *Store) rotate(ctx context.Context, old *head, to *record.Key, c *record.Content) (a answer, moved record.Record, err error) {
	h := *old
	h.form, h.key, h.from = pending, *to, old.key
	h.version, h.subject, h.idle = newVersion(old.version), c.Subject, millis(c.Idle)
	if err := s.join(ctx, &h); err != nil {
		return a, moved, err
	}
	if a, err = s.prepare(ctx, &h, c.Value); err != nil || a.outcome != outcomeDone {
		return a, moved, err
	}
	a, err = s.runSession(ctx, s.scripts.commit, &old.key, "", versionText(old.version), replacedBy(to), number(remembered), number(old.deadline()))
	if err != nil || a.outcome != outcomeDone {
		return a, moved, err
	}
	s.tally.ends[record.Replaced].Add(1)
	s.waits.wake(old.key)
	s.left(ctx, old)
	h.form = byTTL
	if done, err := s.activate(ctx, &h); err == nil && done.outcome == outcomeDone {
		v, err := s.view(to, done.value, done.now)
		return a, v.Record, err
	}
	// Others finish it, or it has ended already.
	return a, h.record(c.Value, nil, a.now), nil
}

// prepare stores the pending value.
func (s *Store) prepare(ctx context.Context, h *head, content []byte) (answer, error) {
	b := h.appendSubject(h.appendCreated(h.start()))
	b = append(b, h.rest(content)...)
	return s.runSession(ctx, s.scripts.prepare, &h.key, "", string(b), number(pendingTime), string(h.from[:]))
}

// activate makes a pending session live.
func (s *Store) activate(ctx context.Context, h *head) (answer, error) {
	return s.runSession(ctx, s.scripts.activate, &h.key, versionText(h.version), number(h.created), number(h.idle), number(h.deadline()))
}

// finish makes a pending session live if its rotation happened, and reports whether it
// did: then the old key's tombstone has the new key.
func (s *Store) finish(ctx context.Context, h *head) (bool, error) {
	a, err := s.runSession(ctx, s.scripts.lookup, &h.from)
	if err != nil || a.outcome != outcomeNone || string(a.value) != replacedBy(&h.key) {
		return false, err
	}
	_, err = s.activate(ctx, h)
	return err == nil, err
}

// replacedBy is the tombstone of a key whose session has a new one.
func replacedBy(to *record.Key) string {
	return string(append([]byte{byte(record.Replaced)}, to[:]...))
}

// successor returns the key that a tombstone says has the session now.
func successor(tombstone []byte) (to record.Key, ok bool) {
	if len(tombstone) != 1+len(to) || record.Reason(tombstone[0]) != record.Replaced {
		return to, false
	}
	return record.Key(tombstone[1:]), true
}
