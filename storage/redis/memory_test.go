package redis_test

import (
	"context"
	"flag"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/redis"
)

var many = flag.Int("sessions", 100_000, "how many sessions TestMemory stores")

// A session with 60 bytes takes at most these bytes of Redis's memory.
const mostAlone, mostIndexed = 240, 450

func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 sessions, twice")
	}
	for name, c := range map[string]struct {
		noIndex bool
		most    int
	}{"alone": {true, mostAlone}, "with the index": {false, mostIndexed}} {
		t.Run(name, func(t *testing.T) {
			server := testredis.New(t)
			cfg := on(server)
			cfg.NoIndex, cfg.Prefix, cfg.Known = c.noIndex, "", 1
			s := open(t, cfg)
			before := testredis.Int(t, server, "memory", "used_memory")
			fill(t, s, *many)
			each := (testredis.Int(t, server, "memory", "used_memory") - before) / *many
			t.Logf("%d sessions of 60 bytes: %d bytes each", *many, each)
			if each > c.most {
				t.Errorf("%d bytes a session; want at most %d", each, c.most)
			}
		})
	}
}

func fill(t testing.TB, s *redis.Store, n int) {
	t.Helper()
	c := content(strings.Repeat("x", 60), 30*time.Minute)
	var next atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for next.Add(1) <= int64(n) {
				if _, err := s.Create(context.Background(), newKey(), c, 12*time.Hour); err != nil {
					t.Errorf("Create = %v", err)
					return
				}
			}
		})
	}
	all.Wait()
}
