package session

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"maps"
	"strings"
	"testing"
)

func encoded(t testing.TB, data map[string]any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(data); err != nil {
		t.Fatalf("encode(%v) = %v", data, err)
	}
	return b.Bytes()
}

func FuzzEncode(f *testing.F) {
	for _, n := range []int{0, 1, 100, 127, 128, 200, 255, 256, 70_000} {
		f.Add("name", strings.Repeat("é", n))
		f.Add(strings.Repeat("x", n), "Sonam")
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		p := new(Policy)
		for range 2 { // the second time with a used encoder
			got, err := p.encode(list{{name, text}})
			if want := encoded(t, map[string]any{name: text}); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("encode(%q: %q) = %x, %v; want gob's %x", name, text, got, err, want)
			}
		}
	})
}

func TestEncode_IsReadByGob(t *testing.T) {
	want := map[string]any{}
	var values list
	for n := range 300 {
		name, text := fmt.Sprint("name ", n), strings.Repeat("x", n)
		want[name] = text
		values = append(values, value{name, text})
	}
	value, err := new(Policy).encode(values)
	var got map[string]any
	if bad := gob.NewDecoder(bytes.NewReader(value)).Decode(&got); bad != nil || err != nil || !maps.Equal(got, want) {
		t.Errorf("gob decodes encode() to %v, %v, %v; want %v", got, bad, err, want)
	}
}
