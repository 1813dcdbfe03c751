package storage_test

import (
	"context"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// lengthening changes give a session of one second an hour.
func lengthening() map[string]func(*storage.Storage, record.Key) error {
	return map[string]func(*storage.Storage, record.Key) error{
		"Replace": func(s *storage.Storage, k record.Key) error {
			return s.Replace(context.Background(), k, []byte("x"), time.Hour)
		},
		"no idle": func(s *storage.Storage, k record.Key) error {
			return s.Replace(context.Background(), k, []byte("x"), 0)
		},
		"Set": func(s *storage.Storage, _ record.Key) error { return s.Set("a", []byte("x"), time.Hour) },
		"Rotate": func(s *storage.Storage, k record.Key) error {
			return s.Rotate(context.Background(), k, record.KeyOf("heir"), []byte("x"), time.Hour)
		},
	}
}

// A change that was in time is whole after a crash, from its answer on.
func TestLengthen_CrashAfterItIsAnswered(t *testing.T) {
	for name, change := range lengthening() {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg := testConfig(t, clock)
			s := open(t, cfg)
			k := mustCreate(t, s, "a", record.Lifetime{Idle: time.Second})
			if err := change(s, k); err != nil {
				t.Fatal(err)
			}
			if name == "Rotate" {
				k = record.KeyOf("heir")
			}
			clock.Advance(time.Minute)
			wantStatus(t, s, k, record.Live, record.NoReason)
			s = crashed(t, cfg)
			wantStatus(t, s, k, record.Live, record.NoReason)
			s = crashed(t, cfg) // a fresh file needs no touch
			wantStatus(t, s, k, record.Live, record.NoReason)
		})
	}
}
