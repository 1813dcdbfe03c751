package client_test

import (
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"pagesession/internal/client"
)

// A client can fill the largest head with entries, and a trusted proxy passes them on. Their
// cost stays near that of a few, and the nearest proxy is believed.
func TestResolver_LongHeaders(t *testing.T) {
	r, _ := resolver(t, "127.0.0.1")
	const room = 7 << 10
	fill := func(s string) string { return strings.Repeat(s, room/len(s)) }
	for _, lines := range [][]string{
		{"X-Forwarded-For: " + fill(",") + "203.0.113.7"},
		{"X-Forwarded-For: " + fill("::x,") + "203.0.113.7"},
		{"X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: " + fill("http,")},
		{"X-Forwarded-For: 203.0.113.7", "X-Forwarded-Host: " + fill(",") + "upstream"},
		{"Forwarded: " + fill("a,") + "for=203.0.113.7"},
		{"Forwarded: " + fill(";") + ", for=203.0.113.7"},
		{"Forwarded: " + fill(`="",`) + "for=203.0.113.7"},
		{"Forwarded: " + fill(`a="\\";`) + ",for=203.0.113.7"},
		append(strings.Split(strings.TrimSuffix(fill("Forwarded: a;"), ";"), ";"), "Forwarded: for=203.0.113.7"),
	} {
		if got := request(t, r, "127.0.0.1", lines...); got.address != "203.0.113.7" {
			t.Errorf("%.30q: client %s; want 203.0.113.7", lines, got.address)
		}
		if got := allocated(t, r, lines); got > 100<<10 {
			t.Errorf("%.30q: %d bytes allocated; want at most 100 KiB", lines, got)
		}
	}
}

var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}

// allocated returns how many bytes it takes to decide who sent a request.
func allocated(t *testing.T, r *client.Resolver, lines []string) uint64 {
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, loopback, nil)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		ctx.Request.Header.Add(name, value)
	}
	handle := r.Handler(func(*fasthttp.RequestCtx) {})
	handle(&ctx) // once before, to warm up
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ctx.SetRemoteAddr(loopback)
	handle(&ctx)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
