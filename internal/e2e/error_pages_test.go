package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// failing are requests that end in each error page that a visitor can reach
// while nothing is broken. (500 is for broken things: internal/web has it.)
var failing = []struct {
	status  int
	heading string
	request string
}{
	{400, "Bad request", "GET /get/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"},
	{400, "Bad request", "nonsense\r\n\r\n"},
	{403, "Not from here", "POST /set/ HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n"},
	{404, "Page not found", "GET /secretpath HTTP/1.1\r\nHost: localhost\r\n\r\n"},
	{405, "Method not allowed", "GET /session/timeout/ HTTP/1.1\r\nHost: localhost\r\n\r\n"},
	{413, "Too large", "POST /set/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"},
	{431, "Headers too large", "GET /get/ HTTP/1.1\r\nHost: localhost\r\nX-Large: " + strings.Repeat("x", 20_000) + "\r\n\r\n"},
	{503, "Not just now", "GET /get/ HTTP/1.1\r\nHost: localhost\r\nSec-Purpose: prefetch\r\n\r\n"},
	{503, "Not just now", "GET /set/ HTTP/1.1\r\nHost: localhost\r\n\r\n"}, // there is room for one session
}

func TestErrorPages_EachIsReached(t *testing.T) {
	t.Parallel()
	s := start(t, "--max-sessions", "1")
	s.set()
	for _, c := range failing {
		r := s.raw(t, c.request)
		what := c.request[:min(len(c.request), 40)]
		r.page(t, c.status, c.heading, `<link rel="stylesheet" href="/static/style`, `href="/"`)
		r.guarded(t, what)
		r.silent(t, what)
		if r.Header.Get("Cache-Control") != "no-store" || strings.Contains(r.body, "<code>") || strings.Contains(r.body, "secret") {
			t.Errorf("%s: Cache-Control %q, and without --debug it says too much:\n%s", what, r.Header.Get("Cache-Control"), r.body)
		}
	}
}

// With --debug each lists the routes, and names the request as the log does;
// of the server and of the request it says nothing more than without.
func TestErrorPages_Debug(t *testing.T) {
	t.Parallel()
	s := start(t, "--max-sessions", "1", "--debug")
	id := s.set(named("Secretname"))
	named := regexp.MustCompile(`Request ([0-9a-f]{16})<`)
	for _, c := range failing {
		request := strings.Replace(c.request, "Host:", "X-Request-Id: 0000000000000000\r\nX-Secret: secretheader\r\nHost:", 1)
		r := s.raw(t, request)
		what := c.request[:min(len(c.request), 40)]
		r.page(t, c.status, c.heading, "<li><code>GET, HEAD, POST, OPTIONS /set/</code></li>", "<li><code>POST, OPTIONS /session/timeout/</code></li>")
		r.guarded(t, what)
		m := named.FindStringSubmatch(r.body)
		if m == nil || m[1] == "0000000000000000" {
			t.Errorf("%s: names the request %q; want a random id", what, m)
			continue
		}
		s.await("request="+m[1]+" in its log", func() bool { return strings.Contains(s.out.String(), "request="+m[1]+"\n") })
		for _, secret := range []string{id, "ecret", s.dir, "PATH="} {
			if strings.Contains(r.body, secret) {
				t.Errorf("%s: the page holds %q:\n%s", what, secret, r.body)
			}
		}
	}
	if log := s.out.String(); strings.Contains(log, "ecret") {
		t.Errorf("the log holds what a visitor sent:\n%s", log)
	}
	s.get("/get/", cookie(id)).page(t, http.StatusOK, getTitle)
}
