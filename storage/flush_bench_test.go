//go:build unix

package storage_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"pagesession/storage/record"
)

// BenchmarkFlush writes 10,000 touches, spread over all sessions. For each touch it
// reports the CPU time and the bytes of pages written.
func BenchmarkFlush(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkFlush(b, n) })
	}
}

func benchmarkFlush(b *testing.B, n int) {
	const touches = 10_000
	cfg := benchConfig(b)
	cfg.FlushInterval = time.Second // Sync flushes, not the timer
	s, ids := seeded(b, n, cfg)
	keys := make([]record.Key, n)
	for i, id := range ids {
		keys[i] = record.KeyOf(id)
	}
	var cpu time.Duration
	before := s.Conn().Stats()
	var at uint64
	for b.Loop() {
		b.StopTimer()
		time.Sleep(2 * time.Millisecond) // a second touch in one millisecond does not count
		for range touches {
			at++
			s.Refresh(keys[spread(at, n)])
		}
		b.StartTimer()
		from := cpuTime()
		if err := s.Sync(context.Background()); err != nil {
			b.Fatal(err)
		}
		cpu += cpuTime() - from
	}
	after := s.Conn().Stats()
	written := after.TxStats.GetPageAlloc() - before.TxStats.GetPageAlloc()
	perTouch := float64(b.N * touches)
	b.ReportMetric(float64(cpu.Nanoseconds())/perTouch, "cpu-ns/touch")
	b.ReportMetric(float64(written)/perTouch, "page-B/touch")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
