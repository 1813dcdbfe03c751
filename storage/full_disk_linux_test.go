package storage_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A small disk full of the store's own sessions: refreshes and ends go on, creations
// are refused from memory, and accepted again within one sweep after the sessions
// have expired, time after time.
func TestFull_SmallDisk(t *testing.T) {
	d := mountExt4(t, 8<<20)
	clock := testkit.NewClock()
	cfg := storage.Config{Database: filepath.Join(d.dir, "sessions.db"), SweepInterval: 200 * ms, Clock: clock, Logger: testLogger(t)}
	s := open(t, cfg)
	for round := range 2 {
		var keys []record.Key
		eventually(t, "there is room for 2,000 sessions", func() bool { // what expired leaves in small steps
			keys = append(keys, fillDisk(t, s, fmt.Sprint(round, "-", len(keys), "-"), time.Second)...)
			return len(keys) >= 2000
		})
		wantRefusedAtOnce(t, s)
		for i := range 20 {
			if ended, err := s.End(context.Background(), keys[len(keys)-1-i], record.Deleted); !ended || err != nil {
				t.Fatalf("End = %v, %v; want true, nil", ended, err)
			}
		}
		if err := s.Sync(context.Background()); err != nil {
			t.Fatalf("Sync = %v", err)
		}
		clock.Advance(time.Second)
	}
	eventually(t, "there is room again", func() bool {
		return s.Create(context.Background(), record.KeyOf("last"), []byte("x"), idle20) == nil
	})
}

// wantRefusedAtOnce measures creations on a full disk.
func wantRefusedAtOnce(t *testing.T, s *storage.Storage) {
	t.Helper()
	var took []time.Duration
	for i := range 100 {
		start := time.Now()
		err := s.Create(context.Background(), record.KeyOf(fmt.Sprint("refused ", i)), make([]byte, 100), idle20)
		if took = append(took, time.Since(start)); !errors.Is(err, storage.ErrFull) {
			return // there was room again
		}
	}
	slices.Sort(took)
	if took[50] > ms {
		t.Errorf("refused in %v, the median; want 1ms at most", took[50])
	}
}

// fillDisk creates sessions until one is refused as full, and returns their keys in
// the order of their creation, more or less.
func fillDisk(t *testing.T, s *storage.Storage, prefix string, idle time.Duration) []record.Key {
	t.Helper()
	var mu sync.Mutex
	var keys []record.Key
	var next atomic.Int64
	var full atomic.Bool
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			for !full.Load() {
				k := record.KeyOf(fmt.Sprint(prefix, next.Add(1)))
				if err := s.Create(context.Background(), k, make([]byte, 1000), record.Lifetime{Idle: idle}); err != nil {
					full.Store(true)
					if !errors.Is(err, storage.ErrFull) {
						t.Errorf("Create = %v; want nil or ErrFull", err)
					}
					return
				}
				mu.Lock()
				keys = append(keys, k)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return keys
}
