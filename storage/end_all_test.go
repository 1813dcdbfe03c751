package storage_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// EndAll is one small write, whatever ends: a crash right after it finds all ended,
// though their records are still in the file. What is made after it lives.
func TestEndAll_IsOneSmallWrite(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.Database, cfg.RefuseEnded = memoryDir(t)+"/sessions.db", false
	s := open(t, cfg)
	var keys []record.Key
	for i := range 2000 {
		keys = append(keys, mustCreate(t, s, fmt.Sprint(i), idle20))
	}
	if err := s.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	before := s.Conn().Stats()
	if n, err := s.EndAll(context.Background(), record.Revoked); n != len(keys) || err != nil {
		t.Fatalf("EndAll = %d, %v; want %d, nil", n, err, len(keys))
	}
	after := s.Conn().Stats()
	if got := after.TxStats.GetPageAlloc() - before.TxStats.GetPageAlloc(); got > 64<<10 {
		t.Errorf("EndAll of %d sessions wrote %d bytes of pages; want 64 KiB at most", len(keys), got)
	}
	later := mustCreate(t, s, "later", idle20)
	again := mustSet(t, s, "7")
	for name, s := range map[string]*storage.Storage{"running": s, "after a crash": crashed(t, cfg)} {
		for i, k := range keys {
			if k == again {
				continue
			}
			if r := s.Peek(k); r.State != record.Ended || r.Reason != record.Revoked {
				t.Fatalf("%s: session %d is %v, %v; want ended, revoked", name, i, r.State, r.Reason)
			}
		}
		wantStatus(t, s, later, record.Live, record.NoReason)
		wantStatus(t, s, again, record.Live, record.NoReason)
	}
	for range 3 {
		s.Sweep()
		if err := s.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	wantStatus(t, s, again, record.Live, record.NoReason)
	wantStatus(t, s, keys[0], record.Ended, record.Revoked)
	if st := s.Stats(); st.Sessions != 2 || st.ValueBytes != int64(len("value of later")+len("again")) {
		t.Errorf("%d sessions of %d bytes; want the two that came later", st.Sessions, st.ValueBytes)
	}
}

func mustSet(t *testing.T, s *storage.Storage, id string) record.Key {
	t.Helper()
	if err := s.Set(id, []byte("again"), time.Hour); err != nil {
		t.Fatal(err)
	}
	return record.KeyOf(id)
}

// fill creates sessions that share commits.
func fill(b *testing.B, s *storage.Storage, n int) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 2000 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				mustCreateValue(b, s, fmt.Sprint(i), make([]byte, 60), time.Hour)
			}
		})
	}
	all.Wait()
}

// BenchmarkEndAll ends as many sessions at once, and reports what 99.9 % of the
// creations beside it wait, before it and from it on, and what it takes of the heap.
func BenchmarkEndAll(b *testing.B) {
	const n = 1_000_000
	for b.Loop() {
		cfg := testConfig(b, nil)
		cfg.Clock, cfg.Database = nil, memoryDir(b)+"/sessions.db"
		cfg.SweepInterval, cfg.FlushInterval, cfg.MaxSessions = 5*time.Second, 200*time.Millisecond, 2*n
		s := open(b, cfg)
		fill(b, s, n)
		runtime.GC()
		before, _ := beside(s, "before")
		var start runtime.MemStats
		runtime.ReadMemStats(&start)
		begin := time.Now()
		ended, err := s.EndAll(context.Background(), record.Revoked)
		took := time.Since(begin)
		after, heap := beside(s, "after")
		if ended < n || err != nil {
			b.Fatalf("EndAll = %d, %v; want %d", ended, err, n)
		}
		b.ReportMetric(before, "ms/creation-before")
		b.ReportMetric(after, "ms/creation-after")
		b.ReportMetric(float64(took.Microseconds())/1000, "ms/EndAll")
		b.ReportMetric((float64(heap)-float64(start.HeapInuse))/(1<<20), "MiB/more")
	}
}

// beside creates a session each millisecond for 7 s, and returns what 99.9 % of them
// wait, in milliseconds, and the largest heap meanwhile.
func beside(s *storage.Storage, name string) (wait float64, heap uint64) {
	var now runtime.MemStats
	var waits []time.Duration
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for i := range 7000 {
		due := <-tick.C
		_ = s.Create(context.Background(), record.KeyOf(fmt.Sprint(name, i)), []byte("x"), idle20)
		waits = append(waits, time.Since(due))
		if i%100 == 0 {
			runtime.ReadMemStats(&now)
			heap = max(heap, now.HeapInuse)
		}
	}
	slices.Sort(waits)
	return float64(waits[len(waits)*999/1000].Microseconds()) / 1000, heap
}
