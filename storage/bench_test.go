package storage_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/gofiber/storage/bbolt/v2"

	"pagesession/storage"
	"pagesession/storage/record"
)

// The figures, and the commands that made them, are in bench/README.md.

// seeded opens a storage with n live sessions of 60 bytes and returns their ids.
func seeded(b *testing.B, n int, cfg storage.Config) (*storage.Storage, []string) {
	b.Helper()
	s := open(b, cfg)
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("ABCDEFGHIJKLMNOP%010d", i)
	}
	value := make([]byte, 60)
	var wg sync.WaitGroup
	const workers = 1024
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				if err := s.Create(context.Background(), record.KeyOf(ids[i]), value, record.Lifetime{Idle: time.Hour}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return s, ids
}

func benchConfig(b *testing.B) storage.Config {
	return storage.Config{Database: filepath.Join(b.TempDir(), "sessions.db"), Logger: testLogger(b)}
}

// spread gives the ids an order that no cache can predict.
func spread(i uint64, n int) int { return int(i * 0x9E3779B97F4A7C15 >> 20 % uint64(n)) }

// number writes the id of the i-th session into id.
func number(id []byte, i int) {
	for at := len(id) - 1; i > 0 || at >= len(id)-10; at-- {
		id[at] = byte('0' + i%10)
		i /= 10
	}
}

func benchmarkLook(b *testing.B, look func(*storage.Storage, record.Key) record.Record) {
	const n = 1_000_000
	s, ids := seeded(b, n, benchConfig(b))
	runtime.GC()
	b.ReportAllocs()
	b.SetParallelism(1)
	var start atomic.Uint64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		id := []byte(ids[0]) // in a buffer of its own, as in a request
		for i := start.Add(1 << 32); pb.Next(); i++ {
			number(id, spread(i, n))
			if r := look(s, record.KeyOf(string(id))); r.State != record.Live {
				b.Errorf("status %v", r.State)
				return
			}
		}
	})
	b.StopTimer()
}

func BenchmarkRefresh(b *testing.B) {
	benchmarkLook(b, func(s *storage.Storage, k record.Key) record.Record { return s.Refresh(k) })
}

func BenchmarkPeek(b *testing.B) {
	benchmarkLook(b, func(s *storage.Storage, k record.Key) record.Record { return s.Peek(k) })
}

// BenchmarkCreate compares durable creations by 256 goroutines, of this package and
// of Fiber's own driver.
func BenchmarkCreate(b *testing.B) {
	value := make([]byte, 60)
	b.Run("ours", func(b *testing.B) {
		s := open(b, benchConfig(b))
		benchmarkSet(b, func(id string) error {
			return s.Create(context.Background(), record.KeyOf(id), value, idle20)
		})
	})
	b.Run("stock", func(b *testing.B) {
		s := driver.New(driver.Config{Database: filepath.Join(b.TempDir(), "fiber.db"), Timeout: time.Second})
		defer func() { _ = s.Close() }()
		benchmarkSet(b, func(id string) error { return s.Set(id, value, 20*time.Second) })
	})
}

func benchmarkSet(b *testing.B, set func(id string) error) {
	var next atomic.Uint64
	b.SetParallelism(256 / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := set(fmt.Sprintf("%026d", next.Add(1)*0x9E3779B97F4A7C15)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creations/s")
}

// BenchmarkMemory reports the heap that a live session of 60 bytes takes.
func BenchmarkMemory(b *testing.B) {
	const n = 1_000_000
	for b.Loop() {
		before := heap()
		s, ids := seeded(b, n, benchConfig(b))
		own := uint64(len(ids)) * (16 + 32) // the benchmark's ids: header and 26 bytes
		b.ReportMetric(float64(heap()-before-own)/n, "B/session")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		runtime.KeepAlive(ids)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkOpen reports how long a start with 1,000,000 live sessions takes.
func BenchmarkOpen(b *testing.B) {
	const n = 1_000_000
	cfg := benchConfig(b)
	s, _ := seeded(b, n, cfg)
	for b.Loop() {
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		s = open(b, cfg)
		if got := s.Stats().Sessions; got != n {
			b.Fatalf("Sessions = %d; want %d", got, n)
		}
	}
}
