package fiberv2_test

import (
	"bytes"
	"testing"
	"time"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session/fiberv2"
)

// stored runs change in a new session and returns what the store got.
func stored(t testing.TB, change fiberv2.Change) *fakeRecord {
	t.Helper()
	k := newKit(t)
	c := k.request()
	if _, err := k.Start(c, change); err != nil {
		t.Fatalf("Start() = %v", err)
	}
	return k.store.live[key(sentID(t, c))]
}

func TestStart_StoresWhatSaveWould(t *testing.T) {
	for name, data := range map[string]any{"string": "Sonam", "empty": "", "number": 1, "list": []string{"a"}} {
		got := stored(t, func(s *fibersession.Session) error { s.Set("name", data); return nil })
		if want := encoded(t, map[string]any{"name": data}); !bytes.Equal(got.value, want) {
			t.Errorf("%s is stored as %x; want %x", name, got.value, want)
		}
	}
	got := stored(t, func(*fibersession.Session) error { return nil })
	if want := encoded(t, map[string]any{}); !bytes.Equal(got.value, want) {
		t.Errorf("no values are stored as %x; want %x", got.value, want)
	}
}

// The expiry is found whoever encodes.
func TestStart_StoresTheExpiry(t *testing.T) {
	for name, data := range map[string]any{"string": "Sonam", "number": 1} {
		got := stored(t, func(s *fibersession.Session) error {
			s.Set("name", data)
			s.SetExpiry(90 * time.Second)
			return nil
		})
		if got.idle != 90*time.Second {
			t.Errorf("%s: idle timeout %v; want 1m30s", name, got.idle)
		}
	}
}
