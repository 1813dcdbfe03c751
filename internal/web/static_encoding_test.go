package web

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"pagesession/internal/session"
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

// What would only grow is not compressed.
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

// Each encoding is the same file, and has a tag of its own.
func TestStatic_Encodings(t *testing.T) {
	app, _ := newApp(t, session.View{})
	files, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	for path, file := range files {
		if len(file.encodings) < 2 {
			continue
		}
		tags := map[string]bool{}
		for _, accept := range []string{"", "gzip", "br, gzip"} {
			a := ask(t, app, "GET", path, "", "Accept-Encoding: "+accept)
			kind := a.Header.Get("Content-Encoding")
			if body := unpacked(t, kind, a.body); body != string(file.body()) {
				t.Errorf("GET %s as %q is another file", path, kind)
			}
			if want, _, _ := strings.Cut(accept, ","); kind != want || a.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("GET %s for %q is %q, Vary %q", path, accept, kind, a.Header.Get("Vary"))
			}
			tag := a.Header.Get("ETag")
			if tags[tag] || !strings.HasPrefix(tag, `"`) || len(tag) < 10 {
				t.Errorf("GET %s for %q has ETag %s; want a strong one of its own", path, accept, tag)
			}
			tags[tag] = true
			sameButEmpty(t, a, ask(t, app, "HEAD", path, "", "Accept-Encoding: "+accept), 200)
			again := ask(t, app, "GET", path, "", "Accept-Encoding: "+accept, "If-None-Match: "+tag)
			sameButEmpty(t, a, again, 304)
			checkHeaders(t, again)
		}
		for tag := range tags { // a tag is of one encoding only
			a := ask(t, app, "GET", path, "", "If-None-Match: "+tag)
			if (a.StatusCode == 304) != (tag == file.encodings[len(file.encodings)-1].etag) {
				t.Errorf("GET %s with the tag %s and no encoding = %d", path, tag, a.StatusCode)
			}
		}
	}
}

// sameButEmpty holds an answer without a body against the one with it.
func sameButEmpty(t *testing.T, full, got answer, code int) {
	t.Helper()
	if got.StatusCode != code || got.body != "" {
		t.Errorf("%s %s = %d with %d bytes; want %d, none", got.Request.Method, full.Request.URL, got.StatusCode, len(got.body), code)
	}
	names := []string{"ETag", "Vary", "Cache-Control"}
	if code == 200 {
		names = append(names, "Content-Encoding", "Content-Type", "Content-Length")
		if length := full.Header.Get("Content-Length"); length != strconv.Itoa(len(full.body)) {
			t.Errorf("Content-Length %s for %d bytes", length, len(full.body))
		}
	}
	for _, name := range names {
		if want := full.Header.Get(name); got.Header.Get(name) != want {
			t.Errorf("%d has %s %q; want %q", code, name, got.Header.Get(name), want)
		}
	}
}

func unpacked(t *testing.T, kind, body string) string {
	t.Helper()
	var from io.Reader = strings.NewReader(body)
	switch kind {
	case "br":
		from = brotli.NewReader(from)
	case "gzip":
		zip, err := gzip.NewReader(from)
		if err != nil {
			t.Fatal(err)
		}
		from = zip
	}
	plain, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// What a first visit loads stays small: page, stylesheet and script.
func TestStatic_GetIsUnder30KB(t *testing.T) {
	app, _ := newApp(t, liveView("Sonam"))
	total := len(ask(t, app, "GET", "/get/", "").body)
	for _, path := range []string{"/static/style.css", "/static/clock.js"} {
		a := ask(t, app, "GET", path, "", "Accept-Encoding: gzip")
		if a.StatusCode != http.StatusOK {
			t.Fatalf("GET %s = %d", path, a.StatusCode)
		}
		total += len(a.body)
	}
	t.Logf("%d bytes", total)
	if total >= 30_000 {
		t.Errorf("/get/ loads %d bytes; want less than 30000", total)
	}
}
