package redis_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/storage/redis"
)

// The first value is kept, and stays until the last server that renews it has gone.
func TestStore_Keep(t *testing.T) {
	t.Parallel()
	ofEachKind(t, func(t *testing.T, cfg redis.Config) {
		one, two := open(t, cfg), open(t, cfg)
		wantKept := func(s *redis.Store, value string, stays time.Duration, want string) {
			t.Helper()
			if got, err := s.Keep(t.Context(), "key", value, stays); err != nil || got != want {
				t.Errorf("Keep(%s) = %q, %v; want %q", value, got, err, want)
			}
		}
		if got, err := one.Kept(t.Context(), "key"); err != nil || got != "" {
			t.Errorf("Kept = %q, %v; want none", got, err)
		}
		wantKept(one, "first", 200*time.Millisecond, "first")
		wantKept(two, "first", time.Hour, "first")
		wantKept(two, "other", time.Millisecond, "first")
		time.Sleep(300 * time.Millisecond) // longer than the first Keep
		if got, err := one.Kept(t.Context(), "key"); err != nil || got != "first" {
			t.Errorf("Kept = %q, %v; want the renewed one", got, err)
		}
		if was, err := one.Drop(t.Context(), "key", "other"); err != nil || was {
			t.Errorf("Drop of another = %v, %v; want that it was not there", was, err)
		}
		if was, err := two.Drop(t.Context(), "key", "first"); err != nil || !was {
			t.Errorf("Drop = %v, %v; want that it was there", was, err)
		}
		wantKept(one, "other", 50*time.Millisecond, "other")
		until(t, "it lapses", func() bool { got, err := one.Kept(t.Context(), "key"); return err == nil && got == "" })
	})
}

// Many holders that take and give back a lease never have it at the same time.
func TestStore_Lease(t *testing.T) {
	t.Parallel()
	cfg := on(shared.Server(t))
	var holders atomic.Int32
	var all sync.WaitGroup
	for _, holder := range []string{"a", "b", "c", "d"} {
		s := open(t, cfg)
		all.Go(func() {
			for taken := 0; taken < 20; {
				held, err := s.Lease(t.Context(), "chore", holder, time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				if !held {
					continue
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d have the lease", n)
				}
				if again, err := s.Lease(t.Context(), "chore", holder, time.Minute); err != nil || !again {
					t.Errorf("Lease again = %v, %v; want that it is renewed", again, err)
				}
				holders.Add(-1)
				if err := s.Release(t.Context(), "chore", holder); err != nil {
					t.Error(err)
				}
				taken++
			}
		})
	}
	all.Wait()
}

// A lease that is not renewed goes to another holder, and its old holder cannot give that back.
func TestStore_Lease_Lapses(t *testing.T) {
	t.Parallel()
	s := open(t, on(shared.Server(t)))
	if held, err := s.Lease(t.Context(), "chore", "a", 100*time.Millisecond); err != nil || !held {
		t.Fatalf("Lease = %v, %v", held, err)
	}
	until(t, "b gets it", func() bool { held, err := s.Lease(t.Context(), "chore", "b", time.Minute); return err == nil && held })
	if err := s.Release(t.Context(), "chore", "a"); err != nil {
		t.Error(err)
	}
	if held, err := s.Lease(t.Context(), "chore", "a", time.Minute); err != nil || held {
		t.Errorf("Lease = %v, %v; want that b has it", held, err)
	}
}

func TestStore_Keep_Bounds(t *testing.T) {
	t.Parallel()
	s := open(t, on(shared.Server(t)))
	for name, value := range map[string]string{
		"": "v", strings.Repeat("n", redis.MaxMemberID+1): "v", "n": "", "m": strings.Repeat("v", redis.MaxMemberData+1),
	} {
		if _, err := s.Keep(t.Context(), name, value, time.Minute); !errors.Is(err, redis.ErrMember) {
			t.Errorf("Keep(%d bytes, %d bytes) = %v; want ErrMember", len(name), len(value), err)
		}
	}
	if _, err := s.Kept(t.Context(), ""); !errors.Is(err, redis.ErrMember) {
		t.Errorf("Kept of no name = %v; want ErrMember", err)
	}
}
