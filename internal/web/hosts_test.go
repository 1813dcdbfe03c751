package web

import (
	"testing"

	"github.com/valyala/fasthttp"

	"pagesession/internal/hosts"
)

// The header may be fine and the target not, or the other way round.
func TestKnownHost_LooksAtBoth(t *testing.T) {
	h := hosts.Local()
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
		if got := knownHost(h, &req); got != tt.want {
			t.Errorf("Host %q, target %q: knownHost = %v; want %v", tt.host, tt.target, got, tt.want)
		}
	}
}

func TestKnownHost_NoAllocations(t *testing.T) {
	h := hosts.Local()
	var req fasthttp.Request
	req.Header.SetHost("localhost:8000")
	req.Header.SetRequestURI("/get/")
	if n := testing.AllocsPerRun(100, func() { knownHost(h, &req) }); n > 0 {
		t.Errorf("knownHost allocates %v times; want 0", n)
	}
}
