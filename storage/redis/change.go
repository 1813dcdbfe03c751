package redis

import (
	"context"
	"fmt"
	"time"

	"pagesession/storage/record"
)

// remembered is how long an ended session is remembered, in milliseconds. Stores promise
// ten minutes; one more covers a step of Redis's clock.
const remembered = 11 * 60 * 1000

// ChangeTimeout implements session.Limiter: a change takes up to three commands.
func (s *Store) ChangeTimeout() time.Duration { return 3 * s.cfg.CommandTimeout }

// Create stores a new session and returns it as it is then. Errors: record.ErrEnded when
// the key was used before, ErrTooLarge, record.ErrFull, record.ErrUnavailable, the
// context's.
func (s *Store) Create(ctx context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	if err := check(&c); err != nil {
		return record.Record{}, err
	}
	h := head{form: byTTL, key: k, version: newVersion(0), subject: c.Subject, idle: millis(c.Idle), absolute: millis(absolute)}
	if err := s.join(ctx, &h); err != nil {
		return record.Record{}, err
	}
	after := h.appendSubject(nil)
	after = append(after, h.rest(c.Value)...)
	a, err := s.runSession(ctx, s.scripts.create, &k, "", string(h.start()), string(after), number(epoch), number(h.idle), number(h.absolute))
	if err != nil {
		return record.Record{}, err
	}
	if err := outcomeError(&a); err != nil {
		return record.Record{}, err
	}
	s.tally.creations.Add(1)
	v, err := s.view(&k, a.value, a.now)
	return v.Record, err
}

// outcomeError returns the error of a change that was not made; nil: it was.
func outcomeError(a *answer) error {
	switch a.outcome {
	case outcomeDone:
		return nil
	case outcomeConflict:
		return record.ErrConflict
	default:
		return record.ErrEnded
	}
}

func check(c *record.Content) error {
	switch {
	case len(c.Subject) > record.MaxSubject:
		return fmt.Errorf("%w: the subject has %d bytes, at most %d are allowed", ErrTooLarge, len(c.Subject), record.MaxSubject)
	case len(c.Value) > MaxValueBytes:
		return fmt.Errorf("%w: the value has %d bytes, at most %d are allowed", ErrTooLarge, len(c.Value), MaxValueBytes)
	}
	return nil
}

// newVersion returns the version after another: a counter in the first byte, so that the
// next 255 versions differ for sure, and chance in the others, so that a change knows its
// own. It is never 0.
func newVersion(old uint32) uint32 {
	return (old>>24+1)<<24 | random32()>>8 | 1
}

// Replace gives a live session other content, extends it, and returns it as it is then.
// version is the Version of the Record that the change is made from; 0 stands for any.
// Errors: record.ErrEnded, record.ErrConflict, and those of Create.
func (s *Store) Replace(ctx context.Context, k record.Key, version uint64, c record.Content) (record.Record, error) {
	if err := check(&c); err != nil {
		return record.Record{}, err
	}
	a, err := s.onCurrent(ctx, &k, version, func(old *head) (answer, error) { return s.replace(ctx, old, &c) })
	if err != nil {
		return record.Record{}, err
	}
	v, err := s.view(&k, a.value, a.now)
	return v.Record, err
}

// mostAttempts is how often a change is tried for a caller who takes any version.
const mostAttempts = 1000

// onCurrent runs a change of a live session with the session's head. If the caller takes
// any version, it tries again until no other change comes first.
func (s *Store) onCurrent(ctx context.Context, k *record.Key, version uint64, change func(*head) (answer, error)) (answer, error) {
	for range mostAttempts {
		old, err := s.current(ctx, k, version)
		if err != nil {
			return answer{}, err
		}
		a, err := change(old)
		if err != nil {
			return answer{}, err
		}
		if a.outcome == outcomeConflict || a.outcome == outcomePending {
			s.known.forget(k)
			if version == 0 || a.outcome == outcomePending {
				continue
			}
		}
		return a, outcomeError(&a)
	}
	return answer{}, record.ErrConflict
}

// current returns the head of a live session with a version; 0: any.
func (s *Store) current(ctx context.Context, k *record.Key, version uint64) (*head, error) {
	if h, _, ok := s.known.get(k); ok && (version == 0 || uint64(h.version) == version) {
		return &h, nil
	}
	v, err := s.look(ctx, k)
	switch {
	case err != nil:
		return nil, err
	case v.State != record.Live:
		return nil, record.ErrEnded
	case version != 0 && v.Version != version:
		return nil, record.ErrConflict
	}
	return &v.head, nil
}

func (s *Store) replace(ctx context.Context, old *head, c *record.Content) (answer, error) {
	h := *old
	h.version, h.subject, h.idle = newVersion(old.version), c.Subject, millis(c.Idle)
	h.form = formAfter(old, h.idle)
	if h.subject != old.subject {
		if err := s.join(ctx, &h); err != nil {
			return answer{}, err
		}
	}
	before := h.appendSubject(h.appendCreated(h.start()))
	hasUse := "0"
	if h.form == timed {
		hasUse = "1"
	}
	a, err := s.runSession(ctx, s.scripts.replace, &h.key, "", versionText(old.version), string(before), string(h.rest(c.Value)), hasUse, number(h.idle), number(h.deadline()))
	if err == nil && a.outcome == outcomeDone && h.subject != old.subject {
		s.left(ctx, old)
	}
	return a, err
}

// formAfter returns the form of a session that gets another idle timeout. Servers may
// still refresh it with an earlier one, so its TTL says when it ends only as long as the
// timeout grows.
func formAfter(old *head, idle int64) byte {
	if old.form == byTTL && (idle == 0 || old.idle != 0 && idle >= old.idle) {
		return byTTL
	}
	return timed
}

func versionText(v uint32) string {
	return string([]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}
