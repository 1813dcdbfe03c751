package fiberv2_test

import (
	"testing"
	"time"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

// stored runs change in a new session and returns what the store got.
func stored(t testing.TB, change fiberv2.Change) record.Record {
	t.Helper()
	k := newKit(t)
	c := k.request()
	if _, err := k.Start(c, change); err != nil {
		t.Fatalf("Start() = %v", err)
	}
	return k.record(sentID(t, c))
}

func TestStart_StoresWhatSaveWould(t *testing.T) {
	for name, data := range map[string]any{"string": "Sonam", "empty": "", "number": 1, "list": []string{"a"}} {
		got := stored(t, func(s *fibersession.Session) error { s.Set("name", data); return nil })
		if want := encoded(t, map[string]any{"name": data}); got.Value != string(want) {
			t.Errorf("%s is stored as %x; want %x", name, got.Value, want)
		}
	}
	got := stored(t, func(*fibersession.Session) error { return nil })
	if want := encoded(t, map[string]any{}); got.Value != string(want) {
		t.Errorf("no values are stored as %x; want %x", got.Value, want)
	}
}

// The expiry is kept with values of any type.
func TestStart_StoresTheExpiry(t *testing.T) {
	for name, data := range map[string]any{"string": "Sonam", "number": 1} {
		got := stored(t, func(s *fibersession.Session) error {
			s.Set("name", data)
			s.SetExpiry(90 * time.Second)
			return nil
		})
		if got.IdleTimeout != 90*time.Second {
			t.Errorf("%s: idle timeout %v; want 1m30s", name, got.IdleTimeout)
		}
	}
}
