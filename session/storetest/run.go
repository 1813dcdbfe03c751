package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"pagesession/session"
	"pagesession/storage/record"
)

// A Harness is a store under test.
type Harness struct {
	// Store is empty and used by no other test.
	Store session.Store
	// Advance lets time pass for the store: time.Sleep, or the method of a fake
	// clock. The suite advances by about 26 seconds in all.
	Advance func(time.Duration)
	// Slack is by how much the time that a session has left may be shorter than
	// expected: 0 with a fake clock; with a real one, the longest time that a call takes.
	Slack time.Duration
	// ForgetsTimeouts says that the store may forget which timeout ended a session: it has
	// ended, with the timeout as reason or without one.
	ForgetsTimeouts bool
}

// Run checks a store, each promise in a subtest with a store of its own. A store may
// return session.ErrUnavailable now and then. The suite then tries again, and
// expects that the failed call changed nothing. End and EndSubject may return
// session.ErrNotDurable; the suite then expects the same as after nil.
func Run(t *testing.T, open func(*testing.T) Harness) {
	for name, check := range map[string]func(*suite){
		"Unknown":         (*suite).unknown,
		"Create":          (*suite).create,
		"Refresh":         (*suite).refresh,
		"IdleTimeout":     (*suite).idle,
		"AbsoluteTimeout": (*suite).absolute,
		"NoTimeout":       (*suite).noTimeout,
		"Replace":         (*suite).replace,
		"Rotate":          (*suite).rotate,
		"End":             (*suite).end,
		"Context":         (*suite).context,
		"Memoize":         (*suite).memoize,
		"Subject":         (*suite).subject,
		"EndSubject":      (*suite).endSubject,
		"Wait":            (*suite).waitEnds,
		"WaitContext":     (*suite).waitContext,
		"Watch":           (*suite).watch,
		"RaceCreate":      (*suite).raceCreate,
		"RaceReplace":     (*suite).raceReplace,
		"RaceVersion":     (*suite).raceVersion,
		"RaceEnd":         (*suite).raceEnd,
		"RaceRotate":      (*suite).raceRotate,
		"RaceEndSubject":  (*suite).raceEndSubject,
	} {
		t.Run(name, func(t *testing.T) {
			check(&suite{T: t, Harness: open(t), ctx: context.Background()})
		})
	}
}

type suite struct {
	*testing.T
	Harness
	ctx context.Context
}

// The timeouts of the suite's sessions.
const (
	idle     = 2 * time.Second
	absolute = 5 * time.Second
)

func newKey() record.Key { return record.KeyOf(rand.Text()) }

func text(s string) record.Content { return record.Content{Value: []byte(s), Idle: idle} }

// again calls do until the store answers, at most 1,001 times.
func again[T any](do func() (T, error)) (T, error) {
	for tries := 0; ; tries++ {
		v, err := do()
		if !errors.Is(err, session.ErrUnavailable) || tries == 1000 {
			return v, err
		}
	}
}

func (s *suite) peek(k record.Key) record.Record {
	s.Helper()
	rec, err := again(func() (record.Record, error) { return s.Store.Peek(s.ctx, k) })
	s.want(err, nil, "Peek")
	return rec
}

func (s *suite) refreshed(k record.Key) record.Record {
	s.Helper()
	rec, err := again(func() (record.Record, error) { return s.Store.Refresh(s.ctx, k) })
	s.want(err, nil, "Refresh")
	return rec
}

func (s *suite) creating(k record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	return again(func() (record.Record, error) { return s.Store.Create(s.ctx, k, c, absolute) })
}

func (s *suite) replacing(k record.Key, version uint64, c record.Content) (record.Record, error) {
	return again(func() (record.Record, error) { return s.Store.Replace(s.ctx, k, version, c) })
}

func (s *suite) rotating(from, to record.Key, version uint64, c record.Content) (record.Record, error) {
	return inForce(again(func() (record.Record, error) { return s.Store.Rotate(s.ctx, from, to, version, c) }))
}

func (s *suite) ending(k record.Key, why record.Reason) (bool, error) {
	return inForce(again(func() (bool, error) { return s.Store.End(s.ctx, k, why) }))
}

// inForce takes ErrNotDurable off an answer. With none ended it stands for an earlier
// end that is not durable yet; with a Record, for that of the old key.
func inForce[T any](ended T, err error) (T, error) {
	if errors.Is(err, session.ErrNotDurable) {
		err = nil
	}
	return ended, err
}

// created returns the key and the record of a new session.
func (s *suite) created(c record.Content) (record.Key, record.Record) {
	s.Helper()
	k := newKey()
	rec, err := s.creating(k, c, absolute)
	s.want(err, nil, "Create")
	return k, rec
}

func (s *suite) want(err, want error, call string) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("%s = %v; want %v", call, err, want)
	}
}

// wantLive fails unless a record is live with that value.
func (s *suite) wantLive(rec record.Record, value, call string) {
	s.Helper()
	if rec.State != record.Live || string(rec.Value) != value || rec.Version == 0 {
		s.Errorf("%s = %v with %q, version %d; want live with %q", call, rec.State, rec.Value, rec.Version, value)
	}
}

// reason reports whether a reason that a store gave is the right one.
func (s *suite) reason(got, want record.Reason) bool {
	timeout := want == record.Idle || want == record.Absolute
	return got == want || s.ForgetsTimeouts && timeout && got == record.NoReason
}

// wantEnded fails unless a key has ended with that reason.
func (s *suite) wantEnded(k record.Key, why record.Reason) {
	s.Helper()
	if rec := s.peek(k); rec.State != record.Ended || !s.reason(rec.Reason, why) || rec.Value != "" {
		s.Errorf("Peek = %v %v, value %q; want ended %v, without a value", rec.State, rec.Reason, rec.Value, why)
	}
}

// wantLeft fails unless a duration is want or, by Slack at most, less.
func (s *suite) wantLeft(got, want time.Duration, what string) {
	s.Helper()
	if got > want || got < want-s.Slack {
		s.Errorf("%s = %v; want %v or at most %v less", what, got, want, s.Slack)
	}
}
