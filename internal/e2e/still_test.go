package e2e

import (
	"net/http"
	"testing"
	"time"
)

// Whatever is asked here, a live session is afterwards as it was: it has the
// same name, ends at the same instant, and the visitor keeps the same cookie.
var still = []struct {
	method, path string
	opts         []option
	want         int
}{
	{"HEAD", "/", nil, 200},
	{"HEAD", "/set/", nil, 200},
	{"HEAD", "/set/?name=Other", nil, 200},
	{"HEAD", "/get/", nil, 200},
	{"HEAD", "/del/", nil, 200},
	{"HEAD", "/session/", nil, 200},
	{"HEAD", "/session/refresh/", nil, 405},

	{"OPTIONS", "/", nil, 204},
	{"OPTIONS", "/set/?name=Other", nil, 204},
	{"OPTIONS", "/get/", nil, 204},
	{"OPTIONS", "/del/", nil, 204},
	{"OPTIONS", "/session/", nil, 204},
	{"OPTIONS", "/session/refresh/", nil, 204},

	{"GET", "/set/?name=Other", []option{header("Sec-Purpose", "prefetch")}, 503},
	{"GET", "/get/", []option{header("Sec-Purpose", "prefetch")}, 503},
	{"GET", "/del/", []option{header("Sec-Purpose", "prefetch")}, 503},
	{"GET", "/get/", []option{header("Sec-Purpose", "prefetch;prerender")}, 503},
	{"GET", "/get/", []option{header("Sec-Purpose", "prefetch;anonymous-client-ip")}, 503},
	{"GET", "/get/", []option{header("Purpose", "prefetch")}, 503},
	{"GET", "/get/", []option{header("X-Moz", "prefetch")}, 503},
	{"HEAD", "/get/", []option{header("Sec-Purpose", "prefetch")}, 503},
	{"GET", "/", []option{header("Sec-Purpose", "prefetch")}, 200},
	{"GET", "/session/", []option{header("Sec-Purpose", "prefetch")}, 200},

	{"GET", "/", nil, 200},
	{"GET", "/session/", nil, 200},
	{"GET", "/livez", nil, 200},
	{"GET", "/readyz", nil, 200},
	{"GET", "/robots.txt", nil, 200},
	{"GET", "/favicon.ico", nil, 200},
	{"GET", "/set?name=Other", nil, 301},
	{"GET", "/get", nil, 301},
	{"GET", "/del", nil, 301},
	{"POST", "/session/refresh", nil, 308},
	{"GET", "/GET/", nil, 404},
	{"GET", "/session/refresh/", nil, 405},
	{"POST", "/get/", nil, 405},
	{"POST", "/session/", nil, 405},
	{"POST", "/", nil, 405},
	{"PUT", "/set/?name=Other", nil, 405},
	{"PATCH", "/get/", nil, 405},
	{"DELETE", "/del/", nil, 405},
	{"DELETE", "/session/", nil, 405},
	{"BREW", "/get/", nil, 405},
	{"GET", "/set/?name=", nil, 400},
	{"POST", "/set/", []option{form("name", "\x00")}, 400},

	{"GET", "/set/?name=Other", []option{header("Sec-Fetch-Site", "cross-site")}, 200},
	{"GET", "/del/", []option{header("Sec-Fetch-Site", "cross-site")}, 200},
	{"POST", "/set/", []option{header("Sec-Fetch-Site", "cross-site"), form("name", "Other")}, 403},
	{"POST", "/del/", []option{header("Sec-Fetch-Site", "cross-site")}, 403},
	{"POST", "/session/refresh/", []option{header("Sec-Fetch-Site", "cross-site")}, 403},
	{"POST", "/del/", []option{header("Origin", "https://evil.example")}, 403},
	{"POST", "/session/refresh/", []option{header("Origin", "null")}, 403},
	{"GET", "/get/", []option{func(r *http.Request) { r.Host = "evil.example" }}, 400},
	{"GET", "/del/", []option{func(r *http.Request) { r.Host = "evil.example" }}, 400},
}

func TestStill_NeitherSlidesNorChanges(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set(func(r *http.Request) { r.URL.RawQuery = "name=Pema" })
	time.Sleep(300 * time.Millisecond) // so that a slide cannot hide
	for _, c := range still {
		what := c.method + " " + c.path
		before := s.look(id)
		r := s.do(c.method, c.path, append(c.opts, cookie(id))...)
		sameSession(t, what, before, s.look(id))
		r.silent(t, what)
		if r.StatusCode != c.want {
			t.Errorf("%s = %d; want %d", what, r.StatusCode, c.want)
		}
	}
}

// The row knows no exception for POST.
func TestStill_PrefetchedPost(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	time.Sleep(300 * time.Millisecond)
	for _, path := range []string{"/session/refresh/", "/set/", "/del/"} {
		before := s.look(id)
		s.post(path, cookie(id), header("Sec-Purpose", "prefetch"), form("name", "Other"))
		sameSession(t, "POST "+path+" with Sec-Purpose: prefetch", before, s.look(id))
	}
}

// Without a session, the same requests create none.
func TestStill_CreatesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, c := range still {
		s.do(c.method, c.path, c.opts...).silent(t, c.method+" "+c.path)
	}
	s.stop()
	if again := startIn(t, s.dir); !again.serving(0) {
		t.Errorf("after that the file holds sessions:\n%s", again.out)
	}
}

// Real use does slide: without this the tests above would prove nothing.
func TestStill_RealUseSlides(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	for _, c := range []struct{ method, path string }{
		{"GET", "/get/"}, {"POST", "/session/refresh/"}, {"GET", "/set/"}, {"POST", "/set/"},
	} {
		before := s.look(id)
		time.Sleep(100 * time.Millisecond)
		s.do(c.method, c.path, cookie(id))
		if !slid(before, s.look(id)) {
			t.Errorf("%s %s does not slide", c.method, c.path)
		}
	}
}
