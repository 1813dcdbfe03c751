package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// everywhere is what each answer has to carry.
var everywhere = map[string]string{
	"X-Frame-Options":            "DENY",
	"X-Content-Type-Options":     "nosniff",
	"Referrer-Policy":            "same-origin",
	"Cross-Origin-Opener-Policy": "same-origin",
}

// guarded fails the test unless the answer has those headers, and none that
// tells who made it.
func (r *reply) guarded(t *testing.T, what string) {
	t.Helper()
	for name, want := range everywhere {
		if got := r.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %s %q; want %q", what, name, got, want)
		}
	}
	for _, name := range []string{"Server", "X-Powered-By"} {
		if got := r.Header.Get(name); got != "" {
			t.Errorf("%s: %s %q; want none", what, name, got)
		}
	}
	checkCSP(t, what, r.Header["Content-Security-Policy"])
}

// checkCSP holds a policy to what strict means: nothing by default, all else
// from here, nothing inline, no frames, no other base, no other form target.
func checkCSP(t *testing.T, what string, policies []string) {
	t.Helper()
	if len(policies) != 1 {
		t.Errorf("%s: Content-Security-Policy %q; want one", what, policies)
		return
	}
	for directive := range strings.SplitSeq(policies[0], ";") {
		for _, source := range strings.Fields(directive)[1:] {
			if source != "'self'" && source != "'none'" {
				t.Errorf("%s: Content-Security-Policy %q allows %s", what, policies[0], source)
			}
		}
	}
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
		if !strings.Contains(policies[0], want) {
			t.Errorf("%s: Content-Security-Policy %q; want %q in it", what, policies[0], want)
		}
	}
}

func TestHeaders_EveryAnswer(t *testing.T) {
	t.Parallel()
	s := start(t)
	get := func(path, more string) string {
		return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n"
	}
	post := func(path, more string) string {
		return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n"
	}
	for _, c := range []struct {
		want    int
		request string
	}{
		{200, get("/", "")}, {200, get("/set/", "")}, {200, get("/get/", "")}, {200, get("/del/", "")},
		{200, get("/session/", "")}, {200, get("/livez", "")}, {200, get("/readyz", "")},
		{200, get("/robots.txt", "")}, {200, get("/favicon.ico", "")}, {200, get("/static/style.css", "")},
		{200, get("/set/", "Sec-Fetch-Site: cross-site\r\n")}, {200, get("/del/", "Sec-Fetch-Site: cross-site\r\n")},
		{204, "OPTIONS /get/ HTTP/1.1\r\nHost: localhost\r\n\r\n"},
		{301, get("/set", "")}, {308, post("/set", "Content-Length: 0\r\n")},
		{400, get("/set/?name=", "")}, {400, "GET /get/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"},
		{400, "GET /get/ HTTP/1.1\r\n\r\n"}, {400, "nonsense\r\n\r\n"},
		{400, post("/set/", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
		{401, post("/session/refresh/", "Content-Length: 0\r\n")},
		{403, post("/set/", "Content-Length: 0\r\nSec-Fetch-Site: cross-site\r\n")},
		{404, get("/nope", "")}, {404, get("/GET/", "")},
		{405, post("/get/", "Content-Length: 0\r\n")}, {405, "BREW /get/ HTTP/1.1\r\nHost: localhost\r\n\r\n"},
		{413, post("/set/", "Content-Length: 99999999\r\n")},
		{431, get("/get/", "X-Large: "+strings.Repeat("x", 20_000)+"\r\n")},
		{503, get("/get/", "Sec-Purpose: prefetch\r\n")},
	} {
		r := s.raw(t, c.request)
		if r.StatusCode != c.want {
			t.Errorf("%.60q = %d; want %d", c.request, r.StatusCode, c.want)
		}
		what := c.request[:min(len(c.request), 60)]
		r.guarded(t, what)
		if c.want >= 400 {
			r.silent(t, what)
			if got := r.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%.60q: Cache-Control %q; want no-store", what, got)
			}
		}
	}
}

// What reads or sets the cookie is for one visitor alone.
func TestHeaders_Private(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	for _, c := range []struct{ method, path string }{
		{"GET", "/"}, {"HEAD", "/"}, {"GET", "/set/"}, {"HEAD", "/set/"}, {"POST", "/set/"}, {"GET", "/get/"},
		{"HEAD", "/get/"}, {"GET", "/session/"}, {"POST", "/session/refresh/"}, {"HEAD", "/del/"}, {"GET", "/del/"}, {"POST", "/del/"},
	} {
		for _, id := range []string{id, "", "nonsense"} {
			r := s.do(c.method, c.path, cookie(id))
			if store, vary := r.Header.Get("Cache-Control"), r.Header["Vary"]; store != "no-store" || len(vary) != 1 || vary[0] != "Cookie" {
				t.Errorf("%s %s: Cache-Control %q, Vary %q; want no-store, Cookie", c.method, c.path, store, vary)
			}
		}
	}
}

// Everything that a page loads is here, under a name that lasts for ever.
func TestHeaders_Assets(t *testing.T) {
	t.Parallel()
	s := start(t)
	pages := s.get("/get/", cookie(s.set())).body + s.get("/").body
	found := regexp.MustCompile(`(?:src|href)="([^"]*\.[a-z]+)"`).FindAllStringSubmatch(pages, -1)
	if len(found) < 3 {
		t.Fatalf("the pages load %q; want a stylesheet, a script and an icon", found)
	}
	hashed := regexp.MustCompile(`^/static/[a-z]+-[0-9a-f]{12}\.(css|js|svg)$`)
	for _, m := range found {
		r := s.get(m[1])
		if !hashed.MatchString(m[1]) || r.StatusCode != http.StatusOK || r.body == "" {
			t.Errorf("GET %s = %d, %d bytes; want 200 and a hashed name", m[1], r.StatusCode, len(r.body))
		}
		if got := r.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") || strings.Contains(r.Header.Get("Vary"), "Cookie") {
			t.Errorf("GET %s: Cache-Control %q, Vary %q; want it kept for ever", m[1], got, r.Header.Get("Vary"))
		}
		r.silent(t, m[1])
	}
	if m := regexp.MustCompile(`(?i)<script>|<style|style="|\son[a-z]+="|https?://`).FindString(pages); m != "" {
		t.Errorf("the pages hold %q, which is inline or somebody else's", m)
	}
}
