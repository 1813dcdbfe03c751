package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"pagesession/internal/assets"
	"pagesession/internal/testkit"
	"pagesession/session"
)

// Each encoding is the same file, and has a tag of its own.
func TestStatic_Encodings(t *testing.T) {
	app, _ := newApp(t, session.View{})
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	for path, file := range files {
		plain := ask(t, app, "GET", path, "")
		if plain.Header.Get("Vary") == "" {
			continue // too small to be compressed
		}
		tags := map[string]bool{}
		for _, accept := range []string{"", "gzip", "br, gzip"} {
			a := ask(t, app, "GET", path, "", "Accept-Encoding: "+accept)
			kind := a.Header.Get("Content-Encoding")
			if body := unpacked(t, kind, a.Text); body != string(file.Body()) {
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
			if (a.StatusCode == 304) != (tag == plain.Header.Get("ETag")) {
				t.Errorf("GET %s with the tag %s and no encoding = %d", path, tag, a.StatusCode)
			}
		}
	}
}

// sameButEmpty holds an answer without a body against the one with it.
func sameButEmpty(t *testing.T, full, got *testkit.Reply, code int) {
	t.Helper()
	if got.StatusCode != code || got.Text != "" {
		t.Errorf("%s %s = %d with %d bytes; want %d, none", got.Request.Method, full.Request.URL, got.StatusCode, len(got.Text), code)
	}
	names := []string{"ETag", "Vary", "Cache-Control"}
	if code == 200 {
		names = append(names, "Content-Encoding", "Content-Type", "Content-Length")
		if length := full.Header.Get("Content-Length"); length != strconv.Itoa(len(full.Text)) {
			t.Errorf("Content-Length %s for %d bytes", length, len(full.Text))
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

// A first visit loads little: page, stylesheet and script.
func TestStatic_GetIsUnder30KB(t *testing.T) {
	app, _ := newApp(t, liveView("Sonam"))
	total := len(ask(t, app, "GET", "/get/", "").Text)
	for _, path := range []string{"/static/style.css", "/static/pages.en.js"} {
		a := ask(t, app, "GET", path, "", "Accept-Encoding: gzip")
		if a.StatusCode != http.StatusOK {
			t.Fatalf("GET %s = %d", path, a.StatusCode)
		}
		total += len(a.Text)
	}
	t.Logf("%d bytes", total)
	if total >= 30_000 {
		t.Errorf("/get/ loads %d bytes; want less than 30000", total)
	}
}
