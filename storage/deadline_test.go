package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

const ms = time.Millisecond

func TestDeadline_Boundary(t *testing.T) {
	for _, tc := range []struct {
		after time.Duration
		live  bool
	}{{20*time.Second - ms, true}, {20 * time.Second, false}, {20*time.Second + ms, false}} {
		clock := testkit.NewClock()
		s := open(t, testConfig(t, clock))
		k := mustCreate(t, s, "a", idle20)
		clock.Advance(tc.after)
		want, why := record.Live, record.NoReason
		if !tc.live {
			want, why = record.Ended, record.Idle
		}
		wantStatus(t, s, k, want, why)
		if got := s.Refresh(k).State; got != want {
			t.Errorf("Refresh after %v = status %v; want %v", tc.after, got, want)
		}
	}
}

func TestRefresh_SlidesAndPeekDoesNot(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	k := mustCreate(t, s, "a", idle20)
	for range 10 {
		clock.Advance(19 * time.Second)
		if r := s.Peek(k); r.Remaining != time.Second {
			t.Fatalf("Peek.Remaining = %v; want 1s", r.Remaining)
		}
		if r := s.Refresh(k); r.State != record.Live || r.Remaining != 20*time.Second {
			t.Fatalf("Refresh = %v, %v left; want live, 20s", r.State, r.Remaining)
		}
	}
	clock.Advance(20 * time.Second)
	wantStatus(t, s, k, record.Ended, record.Idle)
}

func TestRefresh_StopsAtTheAbsoluteTimeout(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	k := mustCreate(t, s, "a", record.Lifetime{Idle: 20 * time.Second, Absolute: 30 * time.Second})
	clock.Advance(15 * time.Second)
	if r := s.Refresh(k); r.Remaining != 15*time.Second || r.AbsoluteRemaining != 15*time.Second {
		t.Errorf("Refresh = %v, %v left; want 15s, 15s", r.Remaining, r.AbsoluteRemaining)
	}
	clock.Advance(15*time.Second - ms)
	wantStatus(t, s, k, record.Live, record.NoReason)
	clock.Advance(ms)
	wantStatus(t, s, k, record.Ended, record.Absolute)
}

func TestLifetime_ZeroIsForEver(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	k := mustCreate(t, s, "a", record.Lifetime{})
	clock.Advance(100 * 365 * 24 * time.Hour)
	if r := s.Refresh(k); r.State != record.Live || r.Remaining != 0 {
		t.Errorf("Refresh = %v, %v left; want live, 0", r.State, r.Remaining)
	}
}

func TestLifetime_BelowAMillisecondIsOne(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	k := mustCreate(t, s, "a", record.Lifetime{Idle: time.Nanosecond})
	wantStatus(t, s, k, record.Live, record.NoReason)
	clock.Advance(ms)
	wantStatus(t, s, k, record.Ended, record.Idle)
}

func TestLifetime_LongestDoesNotOverflow(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	k := mustCreate(t, s, "a", record.Lifetime{Idle: 1<<63 - 1, Absolute: 1<<63 - 1})
	if r := s.Refresh(k); r.State != record.Live || r.Remaining < 99*365*24*time.Hour {
		t.Errorf("Refresh = %v, %v left; want live, about 100 years", r.State, r.Remaining)
	}
}

func TestLifetime_NegativeIsRefused(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	for _, life := range []record.Lifetime{{Idle: -1}, {Absolute: -time.Hour}} {
		if err := s.Create(context.Background(), record.KeyOf("a"), []byte("x"), life); !errors.Is(err, storage.ErrLifetime) {
			t.Errorf("Create with %+v = %v; want ErrLifetime", life, err)
		}
	}
}

// No operation on the key of an ended session makes it live again.
func TestEnded_StaysEnded(t *testing.T) {
	ends := map[string]func(*storage.Storage, *testkit.Clock, record.Key){
		"deleted": func(s *storage.Storage, _ *testkit.Clock, k record.Key) {
			_, _ = s.End(context.Background(), k, record.Deleted)
		},
		"expired": func(_ *storage.Storage, c *testkit.Clock, _ record.Key) { c.Advance(20 * time.Second) },
		"swept": func(s *storage.Storage, c *testkit.Clock, _ record.Key) {
			c.Advance(20 * time.Second)
			s.Sweep()
		},
		"reset": func(s *storage.Storage, _ *testkit.Clock, _ record.Key) { _ = s.Reset() },
		"rotated": func(s *storage.Storage, _ *testkit.Clock, k record.Key) {
			_ = s.Rotate(context.Background(), k, record.KeyOf("b"), []byte("x"), ms)
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg := testConfig(t, clock)
			s := open(t, cfg)
			k := mustCreate(t, s, "a", idle20)
			end(s, clock, k)
			wantRefused(t, s, k)
			s = reopen(t, s, cfg)
			wantRefused(t, s, k)
		})
	}
}

func wantRefused(t *testing.T, s *storage.Storage, k record.Key) {
	t.Helper()
	value := []byte("revived")
	if got := s.Refresh(k).State; got != record.Ended {
		t.Errorf("Refresh = status %v; want Ended", got)
	}
	if err := s.Set("a", value, time.Hour); !errors.Is(err, storage.ErrEnded) {
		t.Errorf("Set = %v; want ErrEnded", err)
	}
	if err := s.Create(context.Background(), k, value, idle20); !errors.Is(err, storage.ErrEnded) {
		t.Errorf("Create = %v; want ErrEnded", err)
	}
	if err := s.Replace(context.Background(), k, value, time.Hour); !errors.Is(err, storage.ErrEnded) {
		t.Errorf("Replace = %v; want ErrEnded", err)
	}
	if err := s.Rotate(context.Background(), k, record.KeyOf("c"), value, time.Hour); !errors.Is(err, storage.ErrEnded) {
		t.Errorf("Rotate = %v; want ErrEnded", err)
	}
	if ended, err := s.End(context.Background(), k, record.Deleted); ended || err != nil {
		t.Errorf("End = %v, %v; want false, nil", ended, err)
	}
	if got := s.Peek(k).State; got != record.Ended {
		t.Errorf("Peek = status %v; want Ended", got)
	}
}

func TestEnded_SaysWhy(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	idle := mustCreate(t, s, "idle", record.Lifetime{Idle: time.Second})
	absolute := mustCreate(t, s, "absolute", record.Lifetime{Idle: time.Hour, Absolute: time.Second})
	deleted, revoked := mustCreate(t, s, "deleted", idle20), mustCreate(t, s, "revoked", idle20)
	replaced := mustCreate(t, s, "replaced", idle20)
	_, _ = s.End(context.Background(), deleted, record.Deleted)
	_, _ = s.End(context.Background(), revoked, record.Revoked)
	_ = s.Rotate(context.Background(), replaced, record.KeyOf("new"), []byte("x"), time.Hour)
	clock.Advance(time.Second)
	check := func() {
		t.Helper()
		wantStatus(t, s, idle, record.Ended, record.Idle)
		wantStatus(t, s, absolute, record.Ended, record.Absolute)
		wantStatus(t, s, deleted, record.Ended, record.Deleted)
		wantStatus(t, s, revoked, record.Ended, record.Revoked)
		wantStatus(t, s, replaced, record.Ended, record.Replaced)
		wantStatus(t, s, record.KeyOf("never"), record.None, record.NoReason)
	}
	check()
	s.Sweep()
	check()
	s = reopen(t, s, cfg)
	check()
}
