package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// allowed are the methods of every path that takes some and not others.
var allowed = map[string][]string{
	"/":                 {"GET", "HEAD", "OPTIONS"},
	"/set/":             {"GET", "HEAD", "POST", "OPTIONS"},
	"/get/":             {"GET", "HEAD", "OPTIONS"},
	"/del/":             {"GET", "HEAD", "POST", "OPTIONS"},
	"/session/":         {"GET", "HEAD", "OPTIONS"},
	"/session/refresh/": {"POST", "OPTIONS"},
	"/session/timeout/": {"POST", "OPTIONS"},
	"/livez":            {"GET", "HEAD", "OPTIONS"},
	"/readyz":           {"GET", "HEAD", "OPTIONS"},
}

var methods = []string{"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "BREW", "get"}

func TestMethods_AllowedAndNot(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, ok := range allowed {
		for _, method := range methods {
			r := s.raw(t, method+" "+path+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			want := http.StatusOK
			switch {
			case !slices.Contains(ok, method):
				want = http.StatusMethodNotAllowed
			case method == "OPTIONS":
				want = http.StatusNoContent
			case path == "/session/refresh/":
				want = http.StatusUnauthorized
			case path == "/session/timeout/":
				want = http.StatusBadRequest
			}
			if r.StatusCode != want {
				t.Errorf("%s %s = %d; want %d", method, path, r.StatusCode, want)
			}
			if want == http.StatusMethodNotAllowed || want == http.StatusNoContent {
				checkAllow(t, method+" "+path, r.Header.Get("Allow"), ok)
			}
			if method == "HEAD" && r.body != "" {
				t.Errorf("HEAD %s has a body of %d bytes", path, len(r.body))
			}
		}
	}
}

func checkAllow(t *testing.T, what, header string, want []string) {
	t.Helper()
	got := strings.Split(strings.ReplaceAll(header, " ", ""), ",")
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s: Allow %q; want %q", what, got, want)
	}
}

// HEAD announces what GET would say.
func TestMethods_HeadIsGetWithoutBody(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/", "/get/", "/session/", "/del/", "/livez", "/readyz", "/nope", "/get"} {
		get, head := s.get(path), s.do("HEAD", path)
		length := max(head.ContentLength, 0) // an empty answer need not say so
		if head.StatusCode != get.StatusCode || length != get.ContentLength {
			t.Errorf("HEAD %s = %d, %d bytes; want as GET, %d, %d bytes", path,
				head.StatusCode, head.ContentLength, get.StatusCode, get.ContentLength)
		}
		for _, name := range []string{"Content-Type", "Content-Security-Policy", "Cache-Control", "Vary", "Location"} {
			if got, want := head.Header.Get(name), get.Header.Get(name); got != want {
				t.Errorf("HEAD %s: %s %q; want %q", path, name, got, want)
			}
		}
	}
}

// A method for which there is no page must not echo what it was sent.
func TestMethods_TraceEchoesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := s.raw(t, "TRACE /get/ HTTP/1.1\r\nHost: localhost\r\nX-Secret: hush\r\n\r\n")
	if strings.Contains(r.body, "hush") {
		t.Errorf("TRACE echoes its request:\n%s", r.body)
	}
}

func TestMethods_Redirects(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, c := range []struct{ method, path, to string }{
		{"GET", "/set", "/set/"},
		{"GET", "/get", "/get/"},
		{"GET", "/del", "/del/"},
		{"GET", "/session", "/session/"},
		{"GET", "/session/timeout", "/session/timeout/"},
		{"HEAD", "/get", "/get/"},
		{"GET", "/set?name=Pema", "/set/?name=Pema"},
		{"GET", "/set?name=a%20b&x=%2F%3F", "/set/?name=a%20b&x=%2F%3F"},
		{"GET", "/get?next=//evil.example/", "/get/?next=//evil.example/"},
		{"GET", "/get?a=%0d%0aSet-Cookie:%20x=y", "/get/?a=%0d%0aSet-Cookie:%20x=y"},
	} {
		r := s.do(c.method, c.path)
		if got := r.Header.Get("Location"); r.StatusCode != http.StatusMovedPermanently || got != c.to {
			t.Errorf("%s %s = %d, Location %q; want 301, %q", c.method, c.path, r.StatusCode, got, c.to)
		}
		r.silent(t, c.path)
	}
	// A form that goes astray may be sent on as it is (308), or as 301.
	for _, path := range []string{"/set", "/del"} {
		r := s.post(path, form("name", "Pema"))
		if got := r.Header.Get("Location"); (r.StatusCode != 301 && r.StatusCode != 308) || got != path+"/" {
			t.Errorf("POST %s = %d, Location %q; want 301 or 308, %q", path, r.StatusCode, got, path+"/")
		}
	}
}
