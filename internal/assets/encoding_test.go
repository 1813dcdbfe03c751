package assets

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
)

func TestAccepted(t *testing.T) {
	all := []encoding{{name: "br"}, {name: "gzip"}, {}}
	for _, tt := range []struct{ header, want string }{
		{"", ""}, {"gzip", "gzip"}, {"br", "br"}, {"gzip, deflate, br", "br"}, {"GZIP", "gzip"}, {"x-gzip", "gzip"},
		{"gzip;q=1.0, br;q=0.5", "gzip"}, {"br;q=0, gzip", "gzip"}, {"br;q=0,gzip;q=0", ""}, {"gzip; q=0.000", ""},
		{"br ; q = 0.1", "br"}, {"deflate", ""}, {"zstd, br;q=0.1", "br"}, {"identity", ""}, {"identity, br;q=0.5", ""},
		{"identity;q=0.5, gzip;q=0.4", ""}, {"identity;q=0, gzip;q=0.4", "gzip"}, {"identity;q=0", ""},
		{"*", "br"}, {"*;q=0", ""}, {"*;q=0, gzip;q=0.1", "gzip"}, {"*;q=0.5, br;q=0", "gzip"}, {"br;q=0.1, *", "gzip"},
		{"br;q=2", ""}, {"br;q=-1", ""}, {"br;q=NaN", ""}, {"br;q=x, gzip", "gzip"}, {"br;x=1", ""}, {"br;q", ""},
		{"brotli, gzipped", ""}, {",,;;,", ""}, {strings.Repeat("a,", 2000) + "gzip", "gzip"},
	} {
		if got := accepted(all, tt.header).name; got != tt.want {
			t.Errorf("accepted(%.60q) = %q; want %q", tt.header, got, tt.want)
		}
	}
	if got := accepted(all[2:], "br, gzip").name; got != "" {
		t.Errorf("accepted of a file that has only itself = %q", got)
	}
}

func TestUnchanged(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, `"a-br"`: true, `W/"a-br"`: true, `"x", "a-br"`: true, "*": true, `"a"`: false, `a-br`: false, `"a-br`: false,
	} {
		if got := unchanged(header, `"a-br"`); got != want {
			t.Errorf("unchanged(%s) = %v; want %v", header, got, want)
		}
	}
}

// Files that compression would make larger stay uncompressed.
func TestEncodings_OnlySmaller(t *testing.T) {
	noise := make([]byte, 2000)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		body []byte
		want int
	}{"noise": {noise, 1}, "nothing": {nil, 1}, "text": {bytes.Repeat([]byte("text "), 100), 3}} {
		got, err := encodings(tt.body, "sum")
		if err != nil || len(got) != tt.want || got[len(got)-1].name != "" {
			t.Errorf("%s has %d encodings, %v; want %d", name, len(got), err, tt.want)
		}
		if !slices.IsSortedFunc(got, func(a, b encoding) int { return len(a.body) - len(b.body) }) {
			t.Errorf("%s: the smallest is not the first", name)
		}
	}
}
