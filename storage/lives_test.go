package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// anyKey is the configuration for Fiber's middleware other than sessions: a key may
// be stored again after its end.
func anyKey(t *testing.T, clock storage.Clock) storage.Config {
	cfg := testConfig(t, clock)
	cfg.RefuseEnded = false
	return cfg
}

// lastDay has the ways in which a key's first life can end.
var lastDay = map[string]func(t *testing.T, s *storage.Storage, clock *testkit.Clock){
	"expired": func(_ *testing.T, _ *storage.Storage, clock *testkit.Clock) { clock.Advance(time.Second) },
	"expired and swept": func(t *testing.T, s *storage.Storage, clock *testkit.Clock) {
		clock.Advance(time.Second)
		if s.Sweep() != 1 {
			t.Error("Sweep found nothing")
		}
	},
	"expired, swept and flushed": func(t *testing.T, s *storage.Storage, clock *testkit.Clock) {
		clock.Advance(time.Second)
		s.Sweep()
		must(t, s.Sync(context.Background()))
	},
	"deleted": func(t *testing.T, s *storage.Storage, _ *testkit.Clock) { must(t, s.Delete("k")) },
	"reset":   func(t *testing.T, s *storage.Storage, _ *testkit.Clock) { must(t, s.Reset()) },
	"revoked": func(t *testing.T, s *storage.Storage, _ *testkit.Clock) {
		_, err := s.EndMany(context.Background(), []record.Key{record.KeyOf("k")}, record.Revoked)
		must(t, err)
	},
}

// A key is stored again however its first life ended. Each life has its own value
// and lifetime, survives a restart, and ends as the first one did.
func TestSet_StoresAgain(t *testing.T) {
	for name, end := range lastDay {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg := anyKey(t, clock)
			s := open(t, cfg)
			for life := range 3 {
				value := fmt.Sprint("life ", life)
				if err := s.Set("k", []byte(value), time.Second); err != nil {
					t.Fatalf("Set in life %d = %v; want nil", life, err)
				}
				clock.Advance(time.Second - ms)
				wantGet(t, s, "k", value)
				if life == 1 {
					s = reopen(t, s, cfg)
					wantGet(t, s, "k", value)
				}
				wantOneRow(t, s)
				end(t, s, clock)
				wantGet(t, s, "k", "")
			}
			if n := s.Stats().Sessions; n > 1 {
				t.Errorf("Sessions = %d; want the last life's at most", n)
			}
		})
	}
}

// wantOneRow checks that a key which was stored again is one session in a list.
func wantOneRow(t *testing.T, s *storage.Storage) {
	t.Helper()
	page := s.List(record.Query{States: record.LiveAndEnded})
	if len(page.Rows) != 1 || page.Rows[0].State != record.Live {
		t.Errorf("List = %+v; want the live session alone", page.Rows)
	}
}

func wantGet(t *testing.T, s *storage.Storage, key, want string) {
	t.Helper()
	if got, err := s.Get(key); err != nil || string(got) != want {
		t.Errorf("Get(%q) = %q, %v; want %q", key, got, err, want)
	}
}

// With RefuseEnded, Set undoes no end.
func TestSet_RefuseEnded(t *testing.T) {
	for name, end := range lastDay {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			s := open(t, testConfig(t, clock))
			must(t, s.Set("k", []byte("first"), time.Second))
			end(t, s, clock)
			if err := s.Set("k", []byte("second"), time.Second); !errors.Is(err, storage.ErrEnded) {
				t.Errorf("Set = %v; want ErrEnded", err)
			}
			wantGet(t, s, "k", "")
		})
	}
}

// An expiry of zero or less means none, as in gofiber's own drivers.
func TestSet_NegativeExpiry(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, anyKey(t, clock))
	for _, exp := range []time.Duration{0, -1, -time.Hour} {
		key := exp.String()
		must(t, s.Set(key, []byte("x"), exp))
		clock.Advance(100 * 24 * time.Hour)
		wantGet(t, s, key, "x")
	}
}

// A large value is stored as a whole or refused as a whole.
func TestSet_LargeValues(t *testing.T) {
	cfg := anyKey(t, testkit.NewClock())
	cfg.MaxBytes = 80 << 20
	s := open(t, cfg)
	for _, size := range []int{100_000, 64<<10 + 1, 33 << 20} {
		value := bytes.Repeat([]byte{'v'}, size)
		must(t, s.Set("k", value, 0))
		if got, err := s.Get("k"); err != nil || !bytes.Equal(got, value) {
			t.Errorf("Get after Set of %d bytes = %d bytes, %v", size, len(got), err)
		}
	}
	if err := s.Set("k", make([]byte, 81<<20), 0); !errors.Is(err, storage.ErrFull) {
		t.Errorf("Set above MaxBytes = %v; want ErrFull", err)
	}
	if got, _ := s.Get("k"); len(got) != 33<<20 {
		t.Errorf("after a refused Set the value has %d bytes; want those before it", len(got))
	}
	cfg.MaxValueBytes = 1 << 10
	s = reopen(t, s, cfg)
	if err := s.Set("other", make([]byte, 1025), 0); !errors.Is(err, storage.ErrTooLarge) {
		t.Errorf("Set above MaxValueBytes = %v; want ErrTooLarge", err)
	}
	wantGet(t, s, "other", "")
}

// The first life's expiry reaches the file after the second life's end. After a
// restart the second one counts.
func TestSet_LaterEndCounts(t *testing.T) {
	clock := testkit.NewClock()
	cfg := anyKey(t, clock)
	s := open(t, cfg)
	must(t, s.Set("k", []byte("first"), ms))
	clock.Advance(ms)
	must(t, s.Set("k", []byte("second"), 0))
	_, err := s.End(context.Background(), record.KeyOf("k"), record.Revoked)
	must(t, err)
	s = reopen(t, s, cfg)
	wantStatus(t, s, record.KeyOf("k"), record.Ended, record.Revoked)
}
