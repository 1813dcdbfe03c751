package storage_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// testConfig neither sweeps nor flushes by itself.
func testConfig(t testing.TB, clock storage.Clock) storage.Config {
	t.Helper()
	return storage.Config{
		Database:      filepath.Join(t.TempDir(), "sessions.db"),
		FlushInterval: time.Second,
		SweepInterval: time.Hour,
		RefuseEnded:   true,
		Clock:         clock,
		Logger:        testLogger(t),
	}
}

func open(t testing.TB, cfg storage.Config) *storage.Storage {
	t.Helper()
	s, err := storage.Open(cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func reopen(t testing.TB, s *storage.Storage, cfg storage.Config) *storage.Storage {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return open(t, cfg)
}

var idle20 = record.Lifetime{Idle: 20 * time.Second}

func mustCreate(t testing.TB, s *storage.Storage, id string, life record.Lifetime) record.Key {
	t.Helper()
	k := record.KeyOf(id)
	if err := s.Create(context.Background(), k, []byte("value of "+id), life); err != nil {
		t.Fatalf("Create(%q): %v", id, err)
	}
	return k
}

func wantStatus(t testing.TB, s *storage.Storage, k record.Key, want record.State, why record.Reason) {
	t.Helper()
	if r := s.Peek(k); r.State != want || r.Reason != why {
		t.Errorf("Peek = status %v, reason %v; want %v, %v", r.State, r.Reason, want, why)
	}
}

func mustCreateValue(t testing.TB, s *storage.Storage, id string, v []byte, idle time.Duration) {
	t.Helper()
	if err := s.Create(context.Background(), record.KeyOf(id), v, record.Lifetime{Idle: idle}); err != nil {
		t.Errorf("Create(%q): %v", id, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
