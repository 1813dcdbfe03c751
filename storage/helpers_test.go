package storage_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// A fakeClock stands still until it is told to go.
type fakeClock struct {
	mu   sync.Mutex
	wall time.Time
	boot time.Duration
	id   string
}

func newFakeClock() *fakeClock {
	return &fakeClock{wall: time.Date(2026, 11, 22, 22, 22, 5, 0, time.UTC), boot: time.Hour, id: "boot-1"}
}

func (c *fakeClock) Wall() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall
}

func (c *fakeClock) Boot() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.boot
}

func (c *fakeClock) BootID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id
}

// advance lets time pass on both clocks.
func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot = c.wall.Add(d), c.boot+d
}

// step moves the wall clock only.
func (c *fakeClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(d)
}

// reboot is a restart of the machine that took d.
func (c *fakeClock) reboot(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot, c.id = c.wall.Add(d), time.Second, c.id+"+"
}

// testConfig never sweeps and never flushes by itself.
func testConfig(t testing.TB, clock storage.Clock) storage.Config {
	t.Helper()
	return storage.Config{
		Database:      filepath.Join(t.TempDir(), "sessions.db"),
		FlushInterval: time.Second,
		SweepInterval: time.Hour,
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
	if err := s.Create(k, []byte("value of "+id), life); err != nil {
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
	if err := s.Create(record.KeyOf(id), v, record.Lifetime{Idle: idle}); err != nil {
		t.Errorf("Create(%q): %v", id, err)
	}
}
