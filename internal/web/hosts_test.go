package web

import (
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

func TestHosts(t *testing.T) {
	local := []string{"localhost", "127.0.0.1", "[::1]"}
	wide := []string{".Example.org", "one.test", "::2"}
	tests := []struct {
		list []string
		host string
		want bool
	}{
		{local, "localhost", true},
		{local, "LOCALHOST:8000", true},
		{local, "localhost.", true},
		{local, "localhost:", true},
		{local, "127.0.0.1:65535", true},
		{local, "[::1]", true},
		{local, "[::1]:8000", true},
		{local, "[0:0:0:0:0:0:0:1]:8000", true},
		{local, "", false},
		{local, "evil.example", false},
		{local, "localhost.evil.example", false},
		{local, "evil.localhost", false},
		{local, "localhost:80:80", false},
		{local, "localhost:80x", false},
		{local, "localhost:123456", false},
		{local, "localhost/evil", false},
		{local, "evil@localhost", false},
		{local, "localhost, evil.example", false},
		{local, "local host", false},
		{local, "localhost..", false},
		{local, ".localhost", false},
		{local, "::1", false},
		{local, "[::1", false},
		{local, "[::1]x", false},
		{local, "[::1%25eth0]", false},
		{local, "[127.0.0.1]", false},
		{local, "[]", false},
		{local, ":8000", false},
		{local, "localhost\x00", false},
		{local, "loc\u0430lhost", false},
		{local, strings.Repeat("a", 300), false},
		{wide, "example.org", true},
		{wide, "EXAMPLE.org:443", true},
		{wide, "a.b.example.org.", true},
		{wide, "notexample.org", false},
		{wide, "example.org.evil.example", false},
		{wide, "one.test", true},
		{wide, "sub.one.test", false},
		{wide, "[::2]", true},
		{[]string{"*"}, "anything.at.all:1", true},
		{[]string{"*"}, "[fe80::1]", true},
		{[]string{"*"}, "under_score", true},
		{[]string{"*"}, "bad host", false},
		{[]string{"*"}, "", false},
		{[]string{"", " ", " localhost "}, "localhost", true},
	}
	for _, tt := range tests {
		h := newHosts(tt.list)
		if got := h.allow([]byte(tt.host)); got != tt.want {
			t.Errorf("hosts %q allow(%q) = %v; want %v", tt.list, tt.host, got, tt.want)
		}
	}
}

// The header may be fine and the target not, or the other way round.
func TestHosts_ServeLooksAtBoth(t *testing.T) {
	h := newHosts([]string{"localhost"})
	for _, tt := range []struct {
		host, target string
		want         bool
	}{
		{"localhost", "/get/", true},
		{"LocalHost:8000", "/get/", true},
		{"localhost", "http://localhost/get/", true},
		{"localhost", "http://evil.example/get/", false},
		{"evil.example", "http://localhost/get/", false},
		{"evil@localhost", "/get/", false},
		{"localhost", "//evil.example/", true}, // a path, and then a 404
		{"localhost", "/set/?name=http://evil.example/", true},
	} {
		var req fasthttp.Request
		req.Header.SetHost(tt.host)
		req.Header.SetRequestURI(tt.target)
		if got := h.serve(&req); got != tt.want {
			t.Errorf("Host %q, target %q: serve = %v; want %v", tt.host, tt.target, got, tt.want)
		}
	}
}

func FuzzHosts(f *testing.F) {
	for _, s := range []string{"localhost", "a.example.org:80", "[::1]:8000", "x@y", "[::ffff:1.2.3.4]", "."} {
		f.Add(s)
	}
	list, open := newHosts([]string{"localhost", ".example.org", "[::1]"}), newHosts([]string{"*"})
	f.Fuzz(func(t *testing.T, host string) {
		ok := list.allow([]byte(host))
		if ok && !open.allow([]byte(host)) {
			t.Errorf("allow(%q) by a list, and not by *", host)
		}
		name := strings.ToLower(host)
		if ok && !strings.HasPrefix(name, "localhost") && !strings.Contains(name, "example.org") && !strings.HasPrefix(name, "[") {
			t.Errorf("allow(%q)", host)
		}
		if ok && strings.ContainsAny(host, "@/\\ ,\x00\r\n") {
			t.Errorf("allow(%q) with a separator in it", host)
		}
	})
}

func TestHosts_NoAllocations(t *testing.T) {
	h := newHosts([]string{"localhost", ".example.org"})
	var req fasthttp.Request
	req.Header.SetHost("localhost:8000")
	req.Header.SetRequestURI("/get/")
	if n := testing.AllocsPerRun(100, func() { h.serve(&req) }); n > 0 {
		t.Errorf("serve allocates %v times; want 0", n)
	}
}
