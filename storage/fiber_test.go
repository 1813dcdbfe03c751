package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
)

// The cases of gofiber's own tests for drivers, each on a fresh storage.

func newDriver(t *testing.T) (*storage.Storage, *testkit.Clock) {
	clock := testkit.NewClock()
	return open(t, testConfig(t, clock)), clock
}

func set(t *testing.T, s *storage.Storage, key, value string, exp time.Duration) {
	t.Helper()
	if err := s.Set(key, []byte(value), exp); err != nil {
		t.Fatalf("Set(%q): %v", key, err)
	}
}

func wantValue(t *testing.T, s *storage.Storage, key, want string) {
	t.Helper()
	got, err := s.Get(key)
	if err != nil || string(got) != want {
		t.Errorf("Get(%q) = %q, %v; want %q, nil", key, got, err, want)
	}
	if want == "" && got != nil {
		t.Errorf("Get(%q) = empty; want nil", key)
	}
}

func TestDriver_Set(t *testing.T) {
	s, _ := newDriver(t)
	set(t, s, "john", "doe", 0)
}

func TestDriver_SetOverride(t *testing.T) {
	s, _ := newDriver(t)
	set(t, s, "john", "doe", 0)
	set(t, s, "john", "smith", 0)
	wantValue(t, s, "john", "smith")
}

func TestDriver_Get(t *testing.T) {
	s, _ := newDriver(t)
	set(t, s, "john", "doe", 0)
	wantValue(t, s, "john", "doe")
}

func TestDriver_Get_ReturnsACopy(t *testing.T) {
	s, _ := newDriver(t)
	set(t, s, "john", "doe", 0)
	got, _ := s.Get("john")
	copy(got, "xxx")
	wantValue(t, s, "john", "doe")
}

func TestDriver_Set_CopiesTheValue(t *testing.T) {
	s, _ := newDriver(t)
	value := []byte("doe")
	if err := s.Set("john", value, 0); err != nil {
		t.Fatal(err)
	}
	copy(value, "xxx")
	wantValue(t, s, "john", "doe")
}

func TestDriver_SetExpiration(t *testing.T) {
	s, clock := newDriver(t)
	set(t, s, "john", "doe", 500*time.Millisecond)
	wantValue(t, s, "john", "doe")
	clock.Advance(499 * time.Millisecond)
	wantValue(t, s, "john", "doe")
}

func TestDriver_GetExpired(t *testing.T) {
	s, clock := newDriver(t)
	set(t, s, "john", "doe", 500*time.Millisecond)
	clock.Advance(500 * time.Millisecond)
	wantValue(t, s, "john", "")
}

func TestDriver_GetNotExist(t *testing.T) {
	s, _ := newDriver(t)
	wantValue(t, s, "notexist", "")
}

func TestDriver_EmptyKeyAndValue(t *testing.T) {
	s, _ := newDriver(t)
	if err := s.Set("", []byte("x"), 0); err != nil {
		t.Errorf("Set of an empty key = %v; want nil", err)
	}
	if err := s.Set("john", nil, 0); err != nil {
		t.Errorf("Set of an empty value = %v; want nil", err)
	}
	if err := s.Delete(""); err != nil {
		t.Errorf("Delete of an empty key = %v; want nil", err)
	}
	wantValue(t, s, "", "")
	wantValue(t, s, "john", "")
}

func TestDriver_Delete(t *testing.T) {
	s, _ := newDriver(t)
	set(t, s, "john", "doe", 0)
	if err := s.Delete("john"); err != nil {
		t.Fatalf("Delete = %v; want nil", err)
	}
	wantValue(t, s, "john", "")
	if err := s.Delete("john"); err != nil {
		t.Errorf("second Delete = %v; want nil", err)
	}
}

func TestDriver_Reset(t *testing.T) {
	s, _ := newDriver(t)
	set(t, s, "john1", "doe", 0)
	set(t, s, "john2", "doe", 0)
	if err := s.Reset(); err != nil {
		t.Fatalf("Reset = %v; want nil", err)
	}
	wantValue(t, s, "john1", "")
	wantValue(t, s, "john2", "")
	set(t, s, "john3", "doe", 0)
	wantValue(t, s, "john3", "doe")
}

func TestDriver_Close(t *testing.T) {
	s, _ := newDriver(t)
	if err := s.Close(); err != nil {
		t.Fatalf("Close = %v; want nil", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close = %v; want nil", err)
	}
	if err := s.Set("john", []byte("doe"), 0); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("Set after Close = %v; want ErrClosed", err)
	}
	if _, err := s.Get("john"); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("Get after Close = %v; want ErrClosed", err)
	}
}

func TestDriver_CancelledContexts(t *testing.T) {
	s, _ := newDriver(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.SetWithContext(ctx, "john", []byte("doe"), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("SetWithContext = %v; want Canceled", err)
	}
	if _, err := s.GetWithContext(ctx, "john"); !errors.Is(err, context.Canceled) {
		t.Errorf("GetWithContext = %v; want Canceled", err)
	}
	if err := s.DeleteWithContext(ctx, "john"); !errors.Is(err, context.Canceled) {
		t.Errorf("DeleteWithContext = %v; want Canceled", err)
	}
	if err := s.ResetWithContext(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ResetWithContext = %v; want Canceled", err)
	}
	wantValue(t, s, "john", "")
}

func TestDriver_DeleteCancelled_LeavesTheSession(t *testing.T) {
	s, _ := newDriver(t)
	set(t, s, "john", "doe", 0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.DeleteWithContext(ctx, "john"); !errors.Is(err, context.Canceled) {
		t.Errorf("DeleteWithContext = %v; want Canceled", err)
	}
	wantValue(t, s, "john", "doe")
}

func TestDriver_Conn(t *testing.T) {
	s, _ := newDriver(t)
	if s.Conn() == nil {
		t.Error("Conn() = nil; want a database")
	}
}
