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

// An end after EndAll, in the same millisecond, is the later one also after a crash.
func TestEndAll_ThenEndAtOnce(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.RefuseEnded = false
	s := open(t, cfg)
	k := mustCreate(t, s, "id", idle20)
	if _, err := s.EndAll(context.Background(), record.Revoked); err != nil {
		t.Fatal(err)
	}
	mustSet(t, s, "id")
	if ended, err := s.End(context.Background(), k, record.Deleted); !ended || err != nil {
		t.Fatalf("End = %v, %v; want true, nil", ended, err)
	}
	wantStatus(t, crashed(t, cfg), k, record.Ended, record.Deleted)
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

// BenchmarkEndAll ends as many sessions at once, each of which was visited. It reports
// what 99.9 % of the creations and visits beside it wait, before it and from it on,
// and what it takes of the heap.
func BenchmarkEndAll(b *testing.B) {
	const n = 1_000_000
	for b.Loop() {
		cfg := testConfig(b, nil)
		cfg.Clock, cfg.Database = nil, memoryDir(b)+"/sessions.db"
		cfg.SweepInterval, cfg.FlushInterval, cfg.MaxSessions = 5*time.Second, 200*time.Millisecond, 2*n
		s := open(b, cfg)
		fill(b, s, n)
		refreshAllOf(b, s, n)
		runtime.GC()
		before := beside(s, "before")
		begin := time.Now()
		ended, err := s.EndAll(context.Background(), record.Revoked)
		took := time.Since(begin)
		after := beside(s, "after")
		if ended < n || err != nil {
			b.Fatalf("EndAll = %d, %v; want %d", ended, err, n)
		}
		b.ReportMetric(before.creation, "ms/creation-before")
		b.ReportMetric(after.creation, "ms/creation-after")
		b.ReportMetric(before.refresh, "ms/refresh-before")
		b.ReportMetric(after.refresh, "ms/refresh-after")
		b.ReportMetric(float64(took.Microseconds())/1000, "ms/EndAll")
		b.ReportMetric((float64(after.heap)-float64(before.heap))/(1<<20), "MiB/more")
	}
}

// refreshAllOf refreshes the sessions of fill, so that the file has a touch of each.
func refreshAllOf(b *testing.B, s *storage.Storage, n int) {
	b.Helper()
	for i := range n {
		s.Refresh(record.KeyOf(fmt.Sprint(i + 1)))
		if i%10_000 == 0 {
			must(b, s.Sync(context.Background()))
		}
	}
}

// A load is what 99.9 % of the creations and visits wait, in milliseconds, and the
// largest heap meanwhile.
type load struct {
	creation, refresh float64
	heap              uint64
}

// beside creates a session each millisecond for 7 s, and visits one of those that it
// has created.
func beside(s *storage.Storage, name string) (l load) {
	var refreshes sync.WaitGroup
	refreshes.Go(func() {
		l.refresh = each(func(i int) {
			s.Refresh(record.KeyOf(fmt.Sprint(name, i*7919%max(1, i-100))))
		})
	})
	l.creation = each(func(i int) {
		_ = s.Create(context.Background(), record.KeyOf(fmt.Sprint(name, i)), []byte("x"), idle20)
		if i%100 == 0 {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			l.heap = max(l.heap, now.HeapInuse)
		}
	})
	refreshes.Wait()
	return l
}

// each calls do each millisecond, and returns what 99.9 % of the calls wait.
func each(do func(i int)) (ms float64) {
	var waits []time.Duration
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for i := range 7000 {
		due := <-tick.C
		do(i)
		waits = append(waits, time.Since(due))
	}
	slices.Sort(waits)
	return float64(waits[len(waits)*999/1000].Microseconds()) / 1000
}

// A key that is used again after all sessions have ended, and ends again in the same millisecond,
// has the reason of its last end after a restart, although the first one is written later.
func TestEndAll_SameMillisecond(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.RefuseEnded = false
	s := open(t, cfg)
	k := mustCreate(t, s, "id", idle20)
	_, err := s.EndAll(context.Background(), record.Revoked)
	must(t, err)
	s.Sweep()
	must(t, s.Set("id", []byte("again"), time.Minute))
	_, err = s.End(context.Background(), k, record.Deleted)
	must(t, err)
	s = reopen(t, s, cfg)
	wantStatus(t, s, k, record.Ended, record.Deleted)
}
