package redis_test

import (
	"context"
	"flag"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/storage/record"
	"pagesession/storage/redis"
)

var races = flag.Int("races", 100_000, "how many races TestRace_EndWins runs")

// racing is how many races run at once.
const racing = 64

// One process refreshes and saves sessions that another one ends. No session lives
// afterwards.
func TestRace_EndWins(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 races")
	}
	cfg := on(shared.Server(t))
	cfg.CommandTimeout = 10 * time.Second
	s, other := open(t, cfg), startEnder(t, cfg)
	var next, revived, saved atomic.Int64
	var all sync.WaitGroup
	for range racing {
		all.Go(func() {
			for next.Add(1) <= int64(*races) {
				race(t, s, other, &revived, &saved)
			}
		})
	}
	all.Wait()
	t.Logf("%d races; in %d the last save came before the end", *races, saved.Load())
	if n := revived.Load(); n != 0 {
		t.Errorf("%d of %d sessions were live after their end; want none", n, *races)
	}
	if n := saved.Load(); n == 0 || n == int64(*races) {
		t.Errorf("in %d of %d races the save came first; want some, but not all", n, *races)
	}
}

// race refreshes and saves a session until its end is answered, and once more.
func race(t *testing.T, s *redis.Store, other *ender, revived, saved *atomic.Int64) {
	ctx := context.Background()
	k := newKey()
	if _, err := s.Create(ctx, k, content("value", time.Hour), 2*time.Hour); err != nil {
		t.Errorf("Create = %v", err)
		return
	}
	answer := other.end(k)
	var both sync.WaitGroup
	both.Go(func() { _, _ = s.Refresh(ctx, k) })
	both.Go(func() {
		if _, err := s.Replace(ctx, k, 0, content("saved", time.Hour)); err == nil {
			saved.Add(1)
		}
	})
	select {
	case got := <-answer:
		if got != "true true" {
			t.Errorf("End = %s; want true, and no error", got)
		}
	case <-time.After(time.Minute):
		t.Error("the other process does not answer")
	}
	wantEnded(t, s, k, revived)
	both.Wait()
	wantEnded(t, s, k, revived)
}

func wantEnded(t *testing.T, s *redis.Store, k record.Key, revived *atomic.Int64) {
	rec, err := s.Refresh(context.Background(), k)
	if err != nil {
		t.Errorf("Refresh = %v", err)
	} else if rec.State != record.Ended {
		revived.Add(1)
	}
}
