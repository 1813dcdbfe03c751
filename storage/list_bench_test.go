//go:build unix

package storage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// crowd opens a storage with n live sessions like those of real visitors: a value of
// 200 bytes with a name, an address and an agent. They were used at different times,
// some of them often.
func crowd(tb testing.TB, n int) *storage.Storage {
	tb.Helper()
	cfg := storage.Config{Database: memoryDir(tb) + "/sessions.db", Logger: testLogger(tb)}
	s := open(tb, cfg)
	var wg sync.WaitGroup
	const workers = 1024
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				life := record.Lifetime{Idle: time.Hour + time.Duration(rand.IntN(1e9)), Absolute: 12 * time.Hour}
				if err := s.Create(context.Background(), member(i), []byte(memberValue(i)), life); err != nil {
					tb.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for range n / 2 {
		s.Refresh(member(rand.IntN(n)))
	}
	runtime.GC()
	return s
}

func member(i int) record.Key { return record.KeyOf(fmt.Sprintf("ABCDEFGHIJKLMNOP%010d", i)) }

func memberValue(i int) string {
	return fmt.Sprintf("203.0.%d.%d Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "+
		"Chrome/143.0.0.0 Safari/537.36 \x0e\xff\x81\x04\x01\x02\xff\x82\x00\x01\x0c\x01\x10\x00\x00 name string visitor-%07d", i>>8&255, i&255, i)
}

func listQueries(n int) []struct {
	name string
	q    record.Query
} {
	return []struct {
		name string
		q    record.Query
	}{
		{"created", record.Query{Order: record.ByCreated, Descending: true}},
		{"used", record.Query{Order: record.ByUsed}},
		{"remaining", record.Query{Order: record.ByRemaining}},
		{"absolute", record.Query{Order: record.ByAbsolute}},
		{"refreshes", record.Query{Order: record.ByRefreshes, Descending: true}},
		{"handle", record.Query{Order: record.ByHandle}},
		{"deep", record.Query{Order: record.ByRemaining, Offset: n / 2, Limit: 500}},
		{"deep-ties", record.Query{Order: record.ByRefreshes, Offset: n / 2}},
		{"ended-too", record.Query{States: record.LiveAndEnded, Offset: n - 10}},
		{"prefix", record.Query{Prefix: "c0ffe"}},
		{"search", record.Query{Match: func(v string) bool { return strings.Contains(v, "visitor-00012") }}},
		{"search-all", record.Query{Match: func(v string) bool { return strings.Contains(v, "visitor") }}},
	}
}

// BenchmarkList measures pages of a million sessions: the first one after a pause,
// and the longest one for every order.
func BenchmarkList(b *testing.B) {
	const n = 1_000_000
	s := crowd(b, n)
	for _, c := range listQueries(n) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			longest, cpu := time.Duration(0), cpuTime()
			for b.Loop() {
				start := time.Now()
				s.List(c.q)
				longest = max(longest, time.Since(start))
			}
			b.ReportMetric(float64(longest)/1e6, "max-ms")
			b.ReportMetric(float64(cpuTime()-cpu)/1e6/float64(b.N), "cpu-ms")
		})
	}
}

// BenchmarkRefreshBesideList is BenchmarkRefresh while an operator asks for a page
// again and again.
func BenchmarkRefreshBesideList(b *testing.B) {
	const n = 1_000_000
	s := crowd(b, n)
	for _, pause := range []time.Duration{-1, time.Second, 0} {
		name := fmt.Sprintf("every=%v", pause)
		if pause < 0 {
			name = "alone"
		}
		b.Run(name, func(b *testing.B) {
			stop, done, lists := make(chan struct{}), make(chan struct{}), 0
			go func() {
				defer close(done)
				for pause >= 0 {
					select {
					case <-stop:
						return
					case <-time.After(pause):
						s.List(record.Query{Order: record.ByRemaining})
						lists++
					}
				}
			}()
			cpu := cpuTime()
			var next atomic.Uint64
			b.RunParallel(func(pb *testing.PB) {
				for i := next.Add(1 << 32); pb.Next(); i++ {
					s.Refresh(member(spread(i, n)))
				}
			})
			close(stop)
			<-done
			b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(lists)/b.Elapsed().Seconds(), "lists/s")
		})
	}
}
