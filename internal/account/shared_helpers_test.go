package account_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/redis"
)

// redisServer is a Redis for all tests.
var redisServer testredis.Shared

// inRedis keeps values in Redis, by the test's clock.
type inRedis struct {
	redis.Table
	clock *testkit.Clock
}

func (r inRedis) Read(ctx context.Context, fields ...string) ([][]byte, time.Time, error) {
	values, _, err := r.Table.Read(ctx, fields...)
	return values, r.clock.Now(), err
}

func (r inRedis) Swap(ctx context.Context, changes ...account.SharedChange) (bool, error) {
	all := make([]redis.TableChange, len(changes))
	for i, c := range changes {
		all[i] = redis.TableChange(c)
	}
	return r.Table.Swap(ctx, all...)
}

// sharing returns the configuration of a new database and of counts that servers share, and
// their clock.
func sharing(t testing.TB) (account.Config, *testkit.Clock) {
	t.Helper()
	cfg, clock := newConfig(t)
	store, err := redis.Open(t.Context(), redis.Config{
		Addresses: []string{redisServer.Server(t).Addr}, Prefix: rand.Text()[:8] + ":", CommandTimeout: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	cfg.SecretKey = []byte("the key of all servers, in 32 B.")
	cfg.Shared = inRedis{store.Table("sign-ins", account.MostShared), clock}
	return cfg, clock
}

// eachCounts runs a test with counts in memory, and with counts in Redis.
func eachCounts(t *testing.T, test func(t *testing.T, b *bench)) {
	eachOpen(t, func(t *testing.T, open func() *bench) { test(t, open()) })
}

// eachOpen is eachCounts for a test that opens several stores.
func eachOpen(t *testing.T, test func(t *testing.T, open func() *bench)) {
	t.Run("Memory", func(t *testing.T) { test(t, func() *bench { return open(t) }) })
	t.Run("Redis", func(t *testing.T) {
		test(t, func() *bench {
			cfg, clock := sharing(t)
			return openWith(t, cfg, clock)
		})
	})
}
