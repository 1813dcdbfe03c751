package storage_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/session/storetest"
	"pagesession/storage"
	"pagesession/storage/record"
)

func openSessions(t *testing.T) storage.Sessions {
	t.Helper()
	cfg := testConfig(t, nil)
	cfg.MaxValueBytes = 100
	return open(t, cfg).Sessions()
}

// A change is made from a version; the version of a record never stays the same
// over a change, also when both are in one commit.
func TestSessions_ConflictingChanges(t *testing.T) {
	s, ctx := openSessions(t), context.Background()
	k, to := record.KeyOf("one"), record.KeyOf("two")
	first, err := s.Create(ctx, k, record.Content{Value: []byte("1"), Idle: time.Minute}, time.Hour)
	if err != nil || first.State != record.Live || first.Version == 0 || first.AbsoluteRemaining == 0 {
		t.Fatalf("Create() = %+v, %v; want a live session of a version", first, err)
	}
	if refreshed, _ := s.Refresh(ctx, k); refreshed.Version != first.Version {
		t.Errorf("version after Refresh() = %d; want %d still", refreshed.Version, first.Version)
	}
	won := make(chan error)
	for range 8 {
		go func() {
			_, err := s.Replace(ctx, k, first.Version, record.Content{Value: []byte("2"), Idle: time.Minute})
			won <- err
		}()
	}
	made := 0
	for range 8 {
		switch err := <-won; {
		case err == nil:
			made++
		case !errors.Is(err, record.ErrConflict):
			t.Errorf("Replace() = %v; want ErrConflict", err)
		}
	}
	if made != 1 {
		t.Errorf("%d changes of one version were made; want 1", made)
	}
	if _, err := s.Rotate(ctx, k, to, first.Version, record.Content{Value: []byte("3")}); !errors.Is(err, record.ErrConflict) {
		t.Errorf("Rotate() = %v; want ErrConflict", err)
	}
	if rec, _ := s.Peek(ctx, k); rec.State != record.Live || !bytes.Equal(rec.Value, []byte("2")) {
		t.Errorf("Peek() after a refused rotation = %+v; want the session as it was", rec)
	}
	moved, err := s.Rotate(ctx, k, to, 0, record.Content{Value: []byte("3"), Idle: time.Minute})
	if err != nil || !bytes.Equal(moved.Value, []byte("3")) {
		t.Errorf("Rotate() of any version = %+v, %v; want the session under its new key", moved, err)
	}
	if _, err := s.Replace(ctx, k, 0, record.Content{Value: []byte("4")}); !errors.Is(err, record.ErrEnded) {
		t.Errorf("Replace() under the old key = %v; want ErrEnded", err)
	}
}

func TestSessions_Errors(t *testing.T) {
	s, ctx := openSessions(t), context.Background()
	k := record.KeyOf("one")
	if _, err := s.Create(ctx, k, record.Content{Value: make([]byte, 101)}, 0); !errors.Is(err, record.ErrFull) {
		t.Errorf("Create() of a value that is too large = %v; want ErrFull", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Create(done, k, record.Content{Value: []byte("1")}, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Create() with a context that is done = %v; want its error", err)
	}
	if _, err := s.Create(ctx, k, record.Content{Value: []byte("1")}, 0); err != nil {
		t.Errorf("Create() = %v; want nil: the one before was not made", err)
	}
	if _, err := s.Create(ctx, k, record.Content{Value: []byte("1")}, 0); !errors.Is(err, record.ErrEnded) {
		t.Errorf("Create() under a used key = %v; want ErrEnded", err)
	}
}

// The promises of package session's Store.
func TestSessions_KeepThePromises(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		clock := testkit.ClockAt(time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC))
		s := open(t, testConfig(t, clock))
		return storetest.Harness{Store: s.Sessions(), Advance: clock.Advance}
	})
}
