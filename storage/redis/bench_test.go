package redis_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
)

// BenchmarkRefresh refreshes 10,000 sessions from 64 goroutines. BenchmarkGetex sends plain
// GETEX commands by the same client to the same number of keys: what Redis and the client
// can do.
func BenchmarkRefresh(b *testing.B) {
	s := open(b, on(testredis.New(b, "appendonly", "yes", "appendfsync", "everysec")))
	keys := make([]record.Key, 10000)
	for i := range keys {
		keys[i] = created(b, s, content(strings.Repeat("x", 60), 30*time.Minute), 12*time.Hour)
	}
	var next atomic.Uint64
	ctx := context.Background()
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			rec, err := s.Refresh(ctx, keys[next.Add(1)%uint64(len(keys))])
			if err != nil || rec.State != record.Live {
				b.Errorf("Refresh = %v, %v", rec.State, err)
				return
			}
		}
	})
}

func BenchmarkGetex(b *testing.B) {
	server := testredis.New(b, "appendonly", "yes", "appendfsync", "everysec")
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{server.Addr}, ForceSingleClient: true, DisableCache: true, AlwaysPipelining: true, PipelineMultiplex: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	ctx := context.Background()
	keys := make([]string, 10000)
	for i := range keys {
		k := newKey()
		keys[i] = string(k[:28])
		c.Do(ctx, c.B().Set().Key(keys[i]).Value(strings.Repeat("x", 60)).Build())
	}
	var next atomic.Uint64
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := c.Do(ctx, c.B().Getex().Key(keys[next.Add(1)%uint64(len(keys))]).PxMilliseconds(1800000).Build()).Error(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkEndAll ends b.N sessions: `-benchtime 200000x` for 200,000.
func BenchmarkEndAll(b *testing.B) {
	s := open(b, on(testredis.New(b, "appendonly", "yes", "appendfsync", "everysec")))
	var all sync.WaitGroup
	for part := range 64 {
		all.Go(func() {
			for i := part; i < b.N; i += 64 {
				created(b, s, content(strings.Repeat("x", 60), 30*time.Minute), 12*time.Hour)
			}
		})
	}
	all.Wait()
	b.ResetTimer()
	if n, err := s.EndAll(context.Background(), record.Revoked); n != b.N || err != nil {
		b.Errorf("EndAll = %d, %v; want %d", n, err, b.N)
	}
}
