package e2e

import (
	"strings"
	"testing"
)

// A browser chooses its language, and a cache between is told that it did, on
// top of the cookie.
func TestLanguage_Auto(t *testing.T) {
	t.Parallel()
	s := start(t, "--language", "auto", "--time-zone", "Asia/Kolkata")
	id := s.set()
	for accept, want := range map[string]string{
		"": "en", "hi-IN,hi;q=0.9": "hi", "de-DE": "de", "fr;q=0.4,es;q=0.5": "es", "fr": "fr", "xx": "en",
		strings.Repeat("de-x-a-b-c,", 600): "de", // 6 KB
	} {
		for _, path := range []string{"/", "/get/", "/nope"} {
			r := s.get(path, cookie(id), header("Accept-Language", accept))
			if got := r.Header.Get("Content-Language"); got != want || !strings.Contains(r.body, `<html lang="`+want+`">`) {
				t.Errorf("GET %s for %.40q is in %q; want %q", path, accept, got, want)
			}
			vary := strings.Join(r.Header.Values("Vary"), ", ")
			if !strings.Contains(vary, "Accept-Language") || path != "/nope" && !strings.Contains(vary, "Cookie") {
				t.Errorf("GET %s has Vary %q; want Accept-Language, and Cookie where there is a session", path, vary)
			}
			if path == "/get/" && !strings.Contains(r.body, `<abbr title="Asia/Kolkata">IST</abbr>`) {
				t.Errorf("GET /get/ for %.40q is not in IST:\n%s", accept, r.body)
			}
			r.guarded(t, path)
		}
	}
}

// One language is the same for all, also where no page can be made.
func TestLanguage_Fixed(t *testing.T) {
	t.Parallel()
	s := start(t, "--language", "de")
	r := s.get("/", header("Accept-Language", "fr"))
	if !strings.Contains(r.body, "Sie haben keine Sitzung") || strings.Contains(strings.Join(r.Header.Values("Vary"), ", "), "Accept-Language") {
		t.Errorf("GET / in German: Vary %q\n%s", r.Header.Values("Vary"), r.body)
	}
	r = s.raw(t, "GET / HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("x", 9000)+"\r\n\r\n")
	if r.StatusCode != 431 || !strings.Contains(r.body, "Kopfzeilen zu groß") {
		t.Errorf("a header too large, in German: %d\n%s", r.StatusCode, r.body)
	}
	r = s.get("/session/")
	if r.Header.Get("Content-Language") != "" || !strings.Contains(r.body, `"state":"none"`) {
		t.Errorf("GET /session/ in German: %q", r.body)
	}
}
