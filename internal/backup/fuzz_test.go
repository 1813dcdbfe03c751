package backup

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// small returns a backup of a few bytes.
func small(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	parts := []content{{AccountsPart, strings.NewReader("accounts")}, {KeyPart, strings.NewReader("key")}, {SettingsPart, strings.NewReader("A=1\n")}}
	if _, err := write(&b, "v1", time.Unix(1_800_000_000, 0), parts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Any bytes are refused, or have known parts that are no larger than the file.
func FuzzExtract(f *testing.F) {
	whole := small(f)
	f.Add(whole)
	f.Add(whole[:len(whole)-512])
	f.Add(bytes.Replace(whole, []byte(`"format": 1`), []byte(`"format": 7`), 1))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "b.tar")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var parts []content
		m, err := extract(path, func(p Part, from io.Reader) error {
			b, err := io.ReadAll(io.LimitReader(from, int64(len(text))+1))
			if len(b) > len(text) {
				t.Fatalf("%s unpacks to more than %d bytes, which the file has", p.Name, len(text))
			}
			parts = append(parts, content{p.Name, bytes.NewReader(b)})
			return err
		})
		if err != nil {
			return
		}
		if len(parts) != len(m.Parts) || len(parts) > len(partNames) {
			t.Errorf("%d parts of %+v", len(parts), m)
		}
		if names := partsOf(m); names != AccountsPart && !strings.HasPrefix(names, AccountsPart+" ") {
			t.Errorf("parts %s; want accounts first", names)
		}
	})
}

func partsOf(m Manifest) string {
	var names []string
	for _, p := range m.Parts {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}
