package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// Another site's link to /set/ or /del/ gets a page with a button, which posts.
func TestCrossSite_GetAsks(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, site := range []string{"cross-site", "same-site"} {
		for _, c := range []struct{ path, action, part string }{
			{"/set/", "/set/", `name="name" value="Sonam"`},
			{"/set/?name=%3Cb%3EPema", "/set/", `name="name" value="&lt;b&gt;Pema"`},
			{"/del/", "/del/", "Delete session"},
		} {
			r := s.get(c.path, header("Sec-Fetch-Site", site))
			what := "GET " + c.path + " from " + site
			r.silent(t, what)
			if form := `<form class="row" action="` + c.action + `" method="post">`; r.StatusCode != http.StatusOK ||
				!strings.Contains(r.body, form) || !strings.Contains(r.body, c.part) || !strings.Contains(r.body, "<button") {
				t.Errorf("%s = %d, without %q and %q:\n%s", what, r.StatusCode, form, c.part, r.body)
			}
			if got := r.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s: Cache-Control %q; want no-store", what, got)
			}
		}
	}
	s.get("/set/?name=", header("Sec-Fetch-Site", "cross-site")).page(t, 400, "That name cannot be used")
}

// The visitor's own ways are let through: typed, bookmarked, from our pages,
// and by tools and browsers that say nothing.
func TestCrossSite_OwnWaysPass(t *testing.T) {
	t.Parallel()
	s := start(t)
	own := s.url
	for _, c := range []struct {
		method string
		opts   []option
	}{
		{"GET", nil},
		{"GET", []option{header("Sec-Fetch-Site", "none")}},
		{"GET", []option{header("Sec-Fetch-Site", "same-origin")}},
		{"POST", nil},
		{"POST", []option{header("Sec-Fetch-Site", "same-origin")}},
		{"POST", []option{header("Sec-Fetch-Site", "none")}},
		{"POST", []option{header("Origin", own)}},
	} {
		r := s.do(c.method, "/set/", c.opts...)
		r.live(t, c.method+" /set/", 20)
		s.do(c.method, "/del/", append(c.opts, cookie(sentID(r)))...)
		s.state(sentID(r), "ended", "deleted")
	}
}

func TestCrossSite_PostIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	for _, opts := range [][]option{
		{header("Sec-Fetch-Site", "cross-site")},
		{header("Sec-Fetch-Site", "same-site")},
		{header("Sec-Fetch-Site", "cross-site"), header("Origin", s.url)},
		{header("Sec-Fetch-Site", "nonsense")},
		{header("Origin", "https://evil.example")},
		{header("Origin", "null")},
		{header("Origin", "http://localhost:1")},
	} {
		for _, path := range []string{"/set/", "/del/", "/session/refresh/", "/session/timeout/"} {
			before := s.look(id)
			r := s.post(path, append(opts, cookie(id), form("name", "Other"))...)
			r.page(t, http.StatusForbidden, "Not from here")
			r.silent(t, "POST "+path)
			sameSession(t, "POST "+path+" from elsewhere", before, s.look(id))
		}
	}
}

// A foreign page cannot read the JSON either: nothing allows its origin.
func TestCrossSite_NoCORS(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, method := range []string{"GET", "OPTIONS", "HEAD"} {
		r := s.do(method, "/session/", header("Origin", "https://evil.example"), header("Access-Control-Request-Method", "GET"))
		for name := range r.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s /session/ with a foreign Origin: %s: %s", method, name, r.Header.Get(name))
			}
		}
	}
}
