package app

import (
	"context"
	"testing"
	"time"

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

// The counters are the storage's. The latencies cover the time since the last call.
func TestCounters(t *testing.T) {
	s := openStorage(t)
	count := counters(s)
	key := record.KeyOf("a")
	if err := s.Create(context.Background(), key, []byte("x"), record.Lifetime{Idle: time.Hour}); err != nil {
		t.Fatal(err)
	}
	s.Refresh(key)
	got := count()
	if got.Sessions != 1 || got.Creations != 1 || got.Refreshes != 1 || got.CommitMedian <= 0 || got.Commit99 < got.CommitMedian || got.FileBytes <= 0 {
		t.Errorf("counters = %+v; want one session, one creation, one refresh, and the time of a commit", got)
	}
	if _, err := s.End(context.Background(), key, record.Revoked); err != nil {
		t.Fatal(err)
	}
	if got = count(); got.Sessions != 0 || got.Revoked != 1 {
		t.Errorf("counters = %+v; want one that was revoked", got)
	}
	if err := s.Sync(context.Background()); err != nil { // the flush, if one is due
		t.Fatal(err)
	}
	count()
	if got = count(); got.CommitMedian != 0 || got.Commit99 != 0 {
		t.Errorf("the latency of no commit = %v, %v; want none", got.CommitMedian, got.Commit99)
	}
}

// BenchmarkCounters measures what the monitor costs each second.
func BenchmarkCounters(b *testing.B) {
	count := counters(openStorage(b))
	for b.Loop() {
		count()
	}
}
