package redis_test

import (
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/session"
	"pagesession/session/storetest"
	"pagesession/storage/redis"
)

var (
	_ session.Store    = (*redis.Store)(nil)
	_ session.Memoizer = (*redis.Store)(nil)
	_ session.Limiter  = (*redis.Store)(nil)
)

// harness returns a store for each subtest, with a prefix of its own. The subtests run at
// the same time, since they wait for real timeouts.
func harness(cfg func() redis.Config) func(*testing.T) storetest.Harness {
	return func(t *testing.T) storetest.Harness {
		t.Parallel()
		return storetest.Harness{Store: open(t, cfg()), Advance: time.Sleep, Slack: 500 * time.Millisecond, ForgetsTimeouts: true}
	}
}

func TestStore_OneServer(t *testing.T) {
	t.Parallel()
	s := shared.Server(t)
	storetest.Run(t, harness(func() redis.Config { return on(s) }))
}

func TestStore_Cluster(t *testing.T) {
	t.Parallel()
	c := testredis.NewCluster(t)
	t.Run("Promises", func(t *testing.T) {
		storetest.Run(t, harness(func() redis.Config {
			cfg := on(c.Nodes[0])
			cfg.Addresses, cfg.Cluster = c.Addrs()[:3], true
			return cfg
		}))
	})
	t.Run("Table", func(t *testing.T) {
		cfg := on(c.Nodes[0])
		cfg.Addresses, cfg.Cluster = c.Addrs()[:3], true
		tableSwaps(t, cfg)
	})
}

func TestStore_Sentinel(t *testing.T) {
	t.Parallel()
	s := testredis.NewSentinel(t)
	t.Run("Promises", func(t *testing.T) {
		storetest.Run(t, harness(func() redis.Config {
			cfg := on(s.Master)
			cfg.Addresses, cfg.MasterSet = s.Addrs(), testredis.MasterSet
			return cfg
		}))
	})
}
