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

// Two servers refresh and save sessions that a third ends. No session lives afterwards.
func TestRace_EndWins(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 races")
	}
	cfg := on(shared.Server(t))
	cfg.CommandTimeout = 10 * time.Second
	refresher, saver, ender := open(t, cfg), open(t, cfg), open(t, cfg)
	var next, revived atomic.Int64
	var all sync.WaitGroup
	for range racing {
		all.Go(func() {
			for next.Add(1) <= int64(*races) {
				if race(t, refresher, saver, ender) {
					revived.Add(1)
				}
			}
		})
	}
	all.Wait()
	if n := revived.Load(); n != 0 {
		t.Errorf("%d of %d sessions were live after their end; want none", n, *races)
	}
}

// race reports whether a session is live after its end.
func race(t *testing.T, refresher, saver, ender *redis.Store) bool {
	ctx := context.Background()
	k := newKey()
	if _, err := refresher.Create(ctx, k, content("value", time.Hour), 2*time.Hour); err != nil {
		t.Errorf("Create = %v", err)
		return false
	}
	var both sync.WaitGroup
	both.Go(func() { _, _ = refresher.Refresh(ctx, k) })
	both.Go(func() { _, _ = saver.Replace(ctx, k, 0, content("saved", time.Hour)) })
	ended, err := ender.End(ctx, k, record.Deleted)
	if !ended || err != nil {
		t.Errorf("End = %v, %v; want true", ended, err)
	}
	first, err := ender.Refresh(ctx, k)
	if err != nil {
		t.Errorf("Refresh = %v", err)
	}
	both.Wait()
	second, err := saver.Refresh(ctx, k)
	if err != nil {
		t.Errorf("Refresh = %v", err)
	}
	return first.State != record.Ended || second.State != record.Ended
}
