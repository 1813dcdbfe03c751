package move_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"pagesession/internal/move"
	"pagesession/storage"
	"pagesession/storage/record"
)

// openFile opens a session file of its own, which neither sweeps nor flushes by itself.
func openFile(t testing.TB, clock storage.Clock) *storage.Storage {
	t.Helper()
	return openPath(t, filepath.Join(t.TempDir(), "sessions.db"), clock)
}

func openPath(t testing.TB, path string, clock storage.Clock) *storage.Storage {
	t.Helper()
	s, err := storage.Open(storage.Config{Database: path, FlushInterval: time.Second, SweepInterval: time.Hour, Clock: clock, Moving: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // the Store closes it, too
	return s
}

// held is a Side from which the goroutine of a move hands over nothing.
type held struct{ move.Side }

func (held) Handles(ctx context.Context, _ func([]record.Handle) error) error {
	<-ctx.Done()
	return ctx.Err()
}

var places = move.Places{From: "file", To: "redis://127.0.0.1:6379"}

func begin(t testing.TB, s *move.Store, to move.Side) {
	t.Helper()
	if err := s.Begin(t.Context(), to, places, record.Move{}, nil); err != nil {
		t.Fatalf("Begin = %v", err)
	}
}

// ended waits until the move has ended.
func ended(t testing.TB, s *move.Store) move.Progress {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		now, _ := s.Progress()
		if now.Done {
			return now
		}
		if time.Now().After(end) {
			t.Fatalf("the move has not ended within a minute: %+v", now)
		}
	}
}

func closed(t testing.TB, s *move.Store) *move.Store {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return s
}
