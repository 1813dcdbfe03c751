package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// fill creates sessions until the store refuses one as full, and returns their keys.
func fill(t *testing.T, s *Storage, prefix string, value []byte, life record.Lifetime) []record.Key {
	t.Helper()
	var mu sync.Mutex
	var keys []record.Key
	var next, full atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			for full.Load() == 0 {
				k := record.KeyOf(fmt.Sprint(prefix, next.Add(1)))
				err := s.Create(context.Background(), k, value, life)
				switch {
				case errors.Is(err, ErrFull):
					full.Add(1)
				case err != nil:
					t.Error(err)
					full.Add(1)
				default:
					mu.Lock()
					keys = append(keys, k)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return keys
}

// A store that is full of its own sessions refuses more of them, goes on with
// refreshes and ends, and takes creations again within one sweep after they expire.
func TestFull_OfItsOwnSessions(t *testing.T) {
	for name, limit := range map[string]func(*Config){
		"MaxFileBytes": func(c *Config) { c.MaxFileBytes = 3 << 20 },
		"MaxBytes":     func(c *Config) { c.MaxBytes = 300_000 },
		"MaxSessions":  func(c *Config) { c.MaxSessions = 3000 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := testkit.NewClock()
				cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), clock)
				cfg.FlushInterval, cfg.SweepInterval = 200*time.Millisecond, 5*time.Second
				limit(&cfg)
				s := openWith(t, cfg)
				s.file().Conn().NoSync = true
				value, life := make([]byte, 100), record.Lifetime{Idle: 20 * time.Second}
				for round := range 4 {
					keys := fill(t, s, fmt.Sprint(round, "-"), value, life)
					if len(keys) < 2000 {
						t.Fatalf("round %d: full after %d sessions; want 2,000 at least", round, len(keys))
					}
					fullGoesOn(t, s, clock, keys)
					clock.Advance(life.Idle)
					time.Sleep(cfg.SweepInterval)
				}
			})
		})
	}
}

// fullGoesOn tries all that must work while a store is full.
func fullGoesOn(t *testing.T, s *Storage, clock *testkit.Clock, keys []record.Key) {
	t.Helper()
	for i, k := range keys[:100] {
		if ended, err := s.End(context.Background(), k, record.Deleted); !ended || err != nil {
			t.Fatalf("End of session %d = %v, %v; want true, nil", i, ended, err)
		}
	}
	for range 20 {
		clock.Advance(300 * time.Millisecond)
		for _, k := range keys[100:] {
			if r := s.Refresh(k); r.State != record.Live {
				t.Fatalf("Refresh = %v; want live", r.State)
			}
		}
		syncNow(t, s)
	}
}

// EndAll frees the bytes of all values: the next creation finds the room, also right
// after one that was refused.
func TestLimit_BytesAreFreeAfterEndAll(t *testing.T) {
	for name, refused := range map[string]bool{"at once": false, "after a refusal": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), testkit.NewClock())
				cfg.MaxBytes = 1000
				s, life := openWith(t, cfg), record.Lifetime{Idle: time.Hour}
				create := func(id string) error {
					return s.Create(context.Background(), record.KeyOf(id), make([]byte, 1000), life)
				}
				if err := create("a"); err != nil {
					t.Fatal(err)
				}
				if refused && !errors.Is(create("b"), ErrFull) {
					t.Fatal("a second value is stored; want ErrFull")
				}
				if _, err := s.EndAll(context.Background(), record.Revoked); err != nil {
					t.Fatal(err)
				}
				if err := create("c"); err != nil {
					t.Errorf("Create after EndAll = %v; want nil", err)
				}
			})
		})
	}
}

// A refusal names its cause, also where the file could grow, but not as far as the
// change needs.
func TestFull_SaysWhy(t *testing.T) {
	cfg := quiet(filepath.Join(t.TempDir(), "sessions.db"), testkit.NewClock())
	cfg.MaxFileBytes, cfg.MaxValueBytes = 4<<20, 4<<20
	s := openWith(t, cfg)
	err := s.Create(context.Background(), record.KeyOf("a"), make([]byte, 3800<<10), record.Lifetime{Idle: time.Hour})
	if !errors.Is(err, ErrFull) || !errors.Is(err, berrors.ErrMaxSizeReached) {
		t.Errorf("Create of a value that does not fit = %v; want ErrFull with ErrMaxSizeReached", err)
	}
	if st := s.Stats().File; st.State == FileFull && st.Cause == nil {
		t.Error("the file is full without a cause")
	}
}
