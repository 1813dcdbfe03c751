package session_test

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/session"
)

// stored runs change in a new session and returns what the store got.
func stored(t testing.TB, change session.Change) *fakeRecord {
	t.Helper()
	k := newKit(t)
	c := k.request()
	if _, err := k.Start(c, change); err != nil {
		t.Fatalf("Start() = %v", err)
	}
	return k.store.live[key(sentID(t, c))]
}

func FuzzEncode(f *testing.F) {
	for _, n := range []int{0, 1, 100, 127, 128, 200, 255, 256, 70_000} {
		f.Add("name", strings.Repeat("é", n))
		f.Add(strings.Repeat("x", n), "Sonam")
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		got, ok := session.Encode(session.Values{{Name: name, Data: text}})
		if want := encoded(t, map[string]any{name: text}); !ok || !bytes.Equal(got, want) {
			t.Fatalf("Encode(%q: %q) = %x, %t; want gob's %x", name, text, got, ok, want)
		}
	})
}

func TestEncode_IsReadByGob(t *testing.T) {
	want := map[string]any{}
	var values session.Values
	for n := range 300 {
		name, text := fmt.Sprint("name ", n), strings.Repeat("x", n)
		want[name] = text
		values = append(values, session.Value{Name: name, Data: text})
	}
	value, ok := session.Encode(values)
	var got map[string]any
	if err := gob.NewDecoder(bytes.NewReader(value)).Decode(&got); err != nil || !ok || !maps.Equal(got, want) {
		t.Errorf("gob decodes Encode() to %v, %v; want %v", got, err, want)
	}
	if _, ok := session.Encode(session.Values{{Name: "a", Data: "b"}, {Name: "n", Data: 1}}); ok {
		t.Error("Encode() of a number = true; want it left to Fiber")
	}
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
