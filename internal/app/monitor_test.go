package app

import (
	"testing"
	"time"

	"pagesession/internal/monitor"
	"pagesession/storage"
	"pagesession/storage/record"
)

func openStorage(tb testing.TB) *storage.Storage {
	s, err := storage.Open(storage.Config{Database: tb.TempDir() + "/sessions.db"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// The counters are the storage's, and latencies those since the last look.
func TestCounters(t *testing.T) {
	s := openStorage(t)
	count := counters(s)
	key := record.KeyOf("a")
	if err := s.Create(key, []byte("x"), record.Lifetime{Idle: time.Hour}); err != nil {
		t.Fatal(err)
	}
	s.Refresh(key)
	got := count()
	if got.Sessions != 1 || got.Creations != 1 || got.Refreshes != 1 || got.Commit.Median <= 0 || got.Commit.P99 < got.Commit.Median || got.FileBytes <= 0 {
		t.Errorf("counters = %+v; want one session, one creation, one refresh, and the time of a commit", got)
	}
	if _, err := s.End(key, record.Revoked); err != nil {
		t.Fatal(err)
	}
	if got = count(); got.Sessions != 0 || got.Ends.Revoked != 1 {
		t.Errorf("counters = %+v; want one that was revoked", got)
	}
	if err := s.Sync(); err != nil { // the flush, if one is due
		t.Fatal(err)
	}
	count()
	if got = count(); got.Commit != (monitor.Latency{}) {
		t.Errorf("the latency of no commit = %+v; want none", got.Commit)
	}
}

// BenchmarkCounters is what the monitor costs each second.
func BenchmarkCounters(b *testing.B) {
	count := counters(openStorage(b))
	for b.Loop() {
		count()
	}
}
