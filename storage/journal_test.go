package storage

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

func openQuiet(t *testing.T) (*Storage, *testkit.Clock) {
	t.Helper()
	clock := testkit.NewClock()
	return openWith(t, quiet(filepath.Join(t.TempDir(), "sessions.db"), clock)), clock
}

// quiet returns the configuration of a store that does next to nothing by itself. In
// a synctest bubble it does nothing, however slow the machine is.
func quiet(path string, clock Clock) Config {
	return Config{
		Database: path, RefuseEnded: true, Clock: clock,
		FlushInterval: time.Second, SweepInterval: time.Hour, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func openWith(t *testing.T, cfg Config) *Storage {
	t.Helper()
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func entries(t *testing.T, s *Storage, bucket string) int {
	t.Helper()
	n := 0
	err := s.Conn().View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(s.cfg.Bucket)).Bucket([]byte(bucket)).ForEach(func(_, _ []byte) error { n++; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func createMany(t *testing.T, s *Storage, n int, idle time.Duration) []record.Key {
	t.Helper()
	keys := make([]record.Key, n)
	for i := range keys {
		keys[i] = record.KeyOf(fmt.Sprint(idle, " ", i))
		if err := s.Create(context.Background(), keys[i], []byte("x"), record.Lifetime{Idle: idle}); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

func refreshAll(t *testing.T, s *Storage, clock *testkit.Clock, keys []record.Key) {
	t.Helper()
	clock.Advance(10 * time.Millisecond)
	for _, k := range keys {
		if s.Refresh(k).State != record.Live {
			t.Fatal("a session is not live")
		}
	}
	if err := s.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestJournal_OneValueAFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := openQuiet(t)
		keys := createMany(t, s, 50, time.Hour)
		refreshAll(t, s, clock, keys)
		if got := entries(t, s, "touches"); got != 1 {
			t.Errorf("values after one flush = %d; want 1", got)
		}
	})
}

// A value is deleted when it holds no session's last touch.
func TestJournal_DropsWhatWasTouchedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := openQuiet(t)
		keys := createMany(t, s, 50, time.Hour)
		for range 20 {
			refreshAll(t, s, clock, keys)
		}
		if got := entries(t, s, "touches"); got > 2 {
			t.Errorf("values after 20 flushes = %d; want at most 2", got)
		}
	})
}

func TestJournal_DropsWhatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := openQuiet(t)
		keys := createMany(t, s, 10, time.Hour)
		refreshAll(t, s, clock, keys)
		for i, k := range keys {
			if i%2 == 0 {
				_, _ = s.End(context.Background(), k, record.Deleted)
			} else if err := s.Replace(context.Background(), k, []byte("y"), time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, s, "touches"); got != 0 {
			t.Errorf("values after all ended or changed = %d; want 0", got)
		}
	})
}

// A session that is never touched again must not keep the values of all others in
// the file: its touch is carried forward.
func TestJournal_CarriesForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := openQuiet(t)
		busy := createMany(t, s, 50, time.Hour)
		for i := range 40 {
			lone := createMany(t, s, 1, 2*time.Hour+time.Duration(i)*time.Second)
			refreshAll(t, s, clock, append(lone, busy...))
			s.Sweep()
		}
		if err := s.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, s, "touches"); got > 6 {
			t.Errorf("values after 40 flushes = %d; want a few", got)
		}
	})
}

func TestSweep_FreesMemoryAndFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := openQuiet(t)
		createMany(t, s, 100, time.Second)
		kept := createMany(t, s, 10, time.Hour)
		clock.Advance(2 * time.Second)
		if got := s.Sweep(); got != 100 {
			t.Errorf("Sweep = %d; want 100", got)
		}
		if err := s.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, s, "records"); got != 10 {
			t.Errorf("records in the file = %d; want 10", got)
		}
		if got := s.Stats(); got.Sessions != 10 || got.ValueBytes != 10 {
			t.Errorf("Stats = %d sessions, %d bytes; want 10, 10", got.Sessions, got.ValueBytes)
		}
		for _, k := range kept {
			if s.Peek(k).State != record.Live {
				t.Error("a live session was swept")
			}
		}
	})
}

// Tombstones are removed after ten minutes: from memory within another ten, from the
// file with the next flush.
func TestEnds_AreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := openQuiet(t)
		for _, k := range createMany(t, s, 5, time.Hour) {
			_, _ = s.End(context.Background(), k, record.Deleted)
		}
		if got := entries(t, s, "ends"); got == 0 {
			t.Fatal("no ends in the file")
		}
		clock.Advance(entry.KeepEnded*time.Millisecond - time.Second)
		if err := s.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, s, "ends"); got == 0 {
			t.Error("ends are gone before their time")
		}
		clock.Advance(time.Second)
		s.Sweep()
		clock.Advance(entry.KeepEnded * time.Millisecond)
		s.Sweep()
		if err := s.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, s, "ends"); got != 0 {
			t.Errorf("lists of ends in the file = %d; want 0", got)
		}
		if got := s.Peek(record.KeyOf(fmt.Sprint(time.Hour, " ", 0))).State; got != record.None {
			t.Errorf("Peek = state %v; want None", got)
		}
	})
}
