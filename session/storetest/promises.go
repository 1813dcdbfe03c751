package storetest

import (
	"context"
	"errors"

	"pagesession/session"
	"pagesession/storage/record"
)

func (s *suite) unknown() {
	k := newKey()
	for _, rec := range []record.Record{s.peek(k), s.refreshed(k)} {
		if rec.State != record.None || rec.Reason != record.NoReason || rec.Value != "" {
			s.Errorf("a key that was never used is %+v; want the zero Record", rec)
		}
	}
	_, err := s.replacing(k, 0, text("x"))
	s.want(err, session.ErrEnded, "Replace")
	_, err = s.rotating(k, newKey(), 0, text("x"))
	s.want(err, session.ErrEnded, "Rotate")
	if ended, err := s.ending(k, record.Deleted); ended || err != nil {
		s.Errorf("End = %v, %v; want false, nil", ended, err)
	}
	if rec := s.peek(k); rec.State != record.None {
		s.Errorf("Peek after refused calls = %v; want none", rec.State)
	}
}

func (s *suite) create() {
	k, value := newKey(), []byte("value")
	rec, err := s.creating(k, record.Content{Value: value, Idle: idle}, absolute)
	s.want(err, nil, "Create")
	copy(value, "XXXXX") // the store must have its own copy
	for call, rec := range map[string]record.Record{"Create": rec, "Peek": s.peek(k)} {
		s.wantLive(rec, "value", call)
		s.wantLeft(rec.Remaining, idle, call+": Remaining")
		s.wantLeft(rec.AbsoluteRemaining, absolute, call+": AbsoluteRemaining")
		if rec.IdleTimeout != idle || rec.Age > s.Slack {
			s.Errorf("%s: idle timeout %v, age %v; want %v and none", call, rec.IdleTimeout, rec.Age, idle)
		}
	}
	_, err = s.creating(k, text("other"), absolute)
	s.want(err, session.ErrEnded, "Create under a live key")
	s.wantLive(s.peek(k), "value", "Peek after a refused Create")
}

func (s *suite) refresh() {
	k, made := s.created(text("value"))
	s.Advance(idle / 2)
	s.wantLeft(s.peek(k).Remaining, idle/2, "Remaining by Peek")
	rec := s.refreshed(k)
	s.wantLive(rec, "value", "Refresh")
	s.wantLeft(rec.Remaining, idle, "Remaining by Refresh")
	s.wantLeft(rec.AbsoluteRemaining, absolute-idle/2, "AbsoluteRemaining by Refresh")
	if rec.Version != made.Version {
		s.Errorf("Refresh changed the version from %d to %d", made.Version, rec.Version)
	}
	s.Advance(idle * 3 / 4)
	s.wantLive(s.peek(k), "value", "Peek after the first deadline")
}

// gone checks that an ended session stays ended, whatever is tried.
func (s *suite) gone(k record.Key, why record.Reason) {
	s.Helper()
	s.wantEnded(k, why)
	if rec := s.refreshed(k); rec.State != record.Ended || !s.reason(rec.Reason, why) {
		s.Errorf("Refresh = %v %v; want ended %v", rec.State, rec.Reason, why)
	}
	_, err := s.creating(k, text("again"), absolute)
	s.want(err, session.ErrEnded, "Create")
	_, err = s.replacing(k, 0, text("again"))
	s.want(err, session.ErrEnded, "Replace")
	_, err = s.rotating(k, newKey(), 0, text("again"))
	s.want(err, session.ErrEnded, "Rotate")
	if ended, err := s.ending(k, record.Revoked); ended || err != nil {
		s.Errorf("End = %v, %v; want false, nil", ended, err)
	}
	s.wantEnded(k, why)
}

func (s *suite) idle() {
	k, _ := s.created(text("value"))
	s.Advance(idle)
	s.gone(k, record.Idle)
}

func (s *suite) absolute() {
	k, _ := s.created(text("value"))
	for range 3 {
		s.Advance(absolute / 4)
		s.refreshed(k)
	}
	rec := s.refreshed(k)
	if rec.Remaining != rec.AbsoluteRemaining {
		s.Errorf("Refresh: %v left, %v until the absolute timeout; want the same", rec.Remaining, rec.AbsoluteRemaining)
	}
	s.Advance(absolute / 4)
	s.gone(k, record.Absolute)
}

func (s *suite) noTimeout() {
	k := newKey()
	_, err := s.creating(k, record.Content{Value: []byte("value")}, 0)
	s.want(err, nil, "Create")
	s.Advance(2 * absolute)
	rec := s.refreshed(k)
	s.wantLive(rec, "value", "Refresh")
	if rec.IdleTimeout != 0 || rec.Remaining != 0 || rec.AbsoluteRemaining != 0 {
		s.Errorf("idle timeout %v, %v and %v left; want 0 for a session that never ends", rec.IdleTimeout, rec.Remaining, rec.AbsoluteRemaining)
	}
}

func (s *suite) replace() {
	k, made := s.created(text("one"))
	s.Advance(idle / 2)
	rec, err := s.replacing(k, made.Version, record.Content{Value: []byte("two"), Idle: 2 * idle})
	s.want(err, nil, "Replace")
	s.wantLive(rec, "two", "Replace")
	s.wantLeft(rec.Remaining, 2*idle, "Remaining")
	s.wantLeft(rec.AbsoluteRemaining, absolute-idle/2, "AbsoluteRemaining")
	if rec.IdleTimeout != 2*idle || rec.Version == made.Version || rec.Age < idle/2 {
		s.Errorf("idle timeout %v, version %d after %d, age %v; want %v, another, and the session's", rec.IdleTimeout, rec.Version, made.Version, rec.Age, 2*idle)
	}
	_, err = s.replacing(k, made.Version, text("three"))
	s.want(err, session.ErrConflict, "Replace of an old version")
	s.wantLive(s.peek(k), "two", "Peek after a conflict")
	_, err = s.replacing(k, 0, text("three"))
	s.want(err, nil, "Replace of any version")
	s.wantLive(s.peek(k), "three", "Peek")
}

func (s *suite) rotate() {
	k, made := s.created(text("one"))
	used, _ := s.created(text("used"))
	to := newKey()
	_, err := s.rotating(k, to, made.Version+1000, text("two"))
	s.want(err, session.ErrConflict, "Rotate of another version")
	_, err = s.rotating(k, used, made.Version, text("two"))
	s.want(err, session.ErrEnded, "Rotate to a used key")
	s.wantLive(s.peek(k), "one", "Peek after refused rotations")
	s.wantLive(s.peek(used), "used", "Peek of the used key")
	s.Advance(idle / 2)
	rec, err := s.rotating(k, to, made.Version, text("two"))
	s.want(err, nil, "Rotate")
	s.wantLive(rec, "two", "Rotate")
	s.wantLeft(rec.Remaining, idle, "Remaining")
	s.wantLeft(rec.AbsoluteRemaining, absolute-idle/2, "AbsoluteRemaining")
	if rec.Age < idle/2 {
		s.Errorf("age %v; want the session's, %v", rec.Age, idle/2)
	}
	s.gone(k, record.Replaced)
	s.wantLive(s.peek(to), "two", "Peek of the new key")
}

func (s *suite) end() {
	for _, why := range []record.Reason{record.Deleted, record.Revoked, record.Replaced} {
		k, _ := s.created(text("value"))
		if ended, err := s.ending(k, why); !ended || err != nil {
			s.Errorf("End = %v, %v; want true, nil", ended, err)
		}
		s.gone(k, why)
	}
}

func (s *suite) context() {
	k, made := s.created(text("value"))
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	calls := map[string]func() error{
		"Create":  func() error { _, err := s.Store.Create(ctx, newKey(), text("x"), 0); return err },
		"Replace": func() error { _, err := s.Store.Replace(ctx, k, made.Version, text("x")); return err },
		"Rotate":  func() error { _, err := s.Store.Rotate(ctx, k, newKey(), made.Version, text("x")); return err },
		"End":     func() error { _, err := s.Store.End(ctx, k, record.Deleted); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) {
			s.Errorf("%s with a context that is done = %v; want its error", name, err)
		}
	}
	s.wantLive(s.peek(k), "value", "Peek after changes with a context that was done")
}

func (s *suite) memoize() {
	m, ok := s.Store.(session.Memoizer)
	if !ok {
		return // a store need not be a Memoizer
	}
	k, made := s.created(text("one"))
	if made.Memo != nil {
		s.Errorf("Memo of a new session = %v; want nil", made.Memo)
	}
	m.Memoize(k, made.Version, "memo")
	m.Memoize(newKey(), made.Version, "of none")
	if rec := s.refreshed(k); rec.Memo != "memo" {
		s.Errorf("Memo = %v; want the one that Memoize was given", rec.Memo)
	}
	rec, err := s.replacing(k, made.Version, text("two"))
	s.want(err, nil, "Replace")
	m.Memoize(k, made.Version, "late")
	if again := s.peek(k); rec.Memo != nil || again.Memo != nil || again.Value != "two" {
		s.Errorf("Memo after a change = %v, %v; want nil", rec.Memo, again.Memo)
	}
}
