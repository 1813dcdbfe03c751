package redis

import (
	"context"
	"time"

	"pagesession/storage/record"
)

// SweepTag sweeps the index of the tag of a key.
func (s *Store) SweepTag(ctx context.Context, k record.Key) (int, error) {
	return s.sweepTag(ctx, tagOf(k.Handle()))
}

// LiveName and TombName return the names of a session's keys.
func (s *Store) LiveName(k record.Key) string { return s.name(kindLive, k.Handle()) }
func (s *Store) TombName(k record.Key) string { return s.name(kindTomb, k.Handle()) }

// SubjectName returns the name of a subject's set.
func (s *Store) SubjectName(subject string) string { name, _ := s.setOf(subject); return name }

// Prepare, Commit and Activate are the steps of a rotation.
func (s *Store) Prepare(ctx context.Context, from, to record.Key, c record.Content) error {
	h, err := s.moving(ctx, from, to, c)
	if err == nil {
		_, err = s.prepare(ctx, &h, c.Value)
	}
	return err
}

func (s *Store) Commit(ctx context.Context, from, to record.Key) error {
	old, err := s.current(ctx, &from, 0)
	if err == nil {
		_, err = s.runSession(ctx, s.scripts.commit, &from, "", versionText(old.version), replacedBy(&to), number(remembered), number(old.deadline()))
	}
	return err
}

func (s *Store) moving(ctx context.Context, from, to record.Key, c record.Content) (head, error) {
	old, err := s.current(ctx, &from, 0)
	if err != nil {
		return head{}, err
	}
	h := *old
	h.form, h.key, h.from = pending, to, from
	h.version, h.subject, h.idle = newVersion(old.version), c.Subject, millis(c.Idle)
	return h, nil
}

// FailAll has the breaker of each tag know of a failed call.
func (s *Store) FailAll() {
	for i := range s.breakers {
		s.breakers[i].failed(s.clock.since())
	}
}

// Now returns the estimate of Redis's clock.
func (s *Store) Now() int64 { return s.clock.now() }

// WithSweep returns the configuration with another time for a sweep.
func (c Config) WithSweep(d time.Duration) Config { c.sweepTime = d; return c }

// WithDial returns the configuration with a function that makes connections.
func (c Config) WithDial(f dial) Config { c.dial = f; return c }

// LeaseName returns the name of the key that the server that sweeps has.
func (s *Store) LeaseName() string { return s.ofTag(kindSweep, 0) }

// BeatName returns the name of the first of this server's beats.
func (s *Store) BeatName() string { return s.beatName(0) }

// TagOf returns the tag of a session's keys.
func TagOf(h record.Handle) int { return tagOf(h) }

// SwapAs is Table.Swap with the 8 bytes that identify the call. A test sends a call again with
// the same bytes.
func (t Table) SwapAs(ctx context.Context, call string, changes ...TableChange) (bool, error) {
	return t.swap(ctx, call, changes)
}
