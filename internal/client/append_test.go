package client_test

import (
	"math/rand/v2"
	"net"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"pagesession/internal/client"
)

// Whatever a client sends, a proxy that appends its element to Forwarded decides: the client
// is the one that the proxy names, or, if the header cannot be read, the proxy itself.
func TestResolver_AppendedElementCounts(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	r, _ := resolver(t, "127.0.0.1")
	appended := []string{
		`for="[2001:db8::9]"`, `for="[2001:db8::9]:4711";proto=http;host="real.example"`, `by="_x";for="[2001:db8::9]"`,
		`for=203.0.113.9;proto=http`, `host=real.example;for=203.0.113.9;by=203.0.113.1`,
	}
	sent := []string{`for=9.9.9.9;"x`, `for=9.9.9.9;"`, `for=9.9.9.9;x="`, `for=9.9.9.9;host=evil.example;"a`}
	for range 30_000 {
		sent = append(sent, piecesOf(random))
	}
	for _, value := range sent {
		last := appended[random.IntN(len(appended))]
		for _, lines := range [][]string{{value + ", " + last}, {value, last}} {
			if got := forwarded(r, lines); got.address != "127.0.0.1" && got.address != "2001:db8::9" && got.address != "203.0.113.9" ||
				got.host != "upstream" && got.host != "real.example" || got.https {
				t.Fatalf("seed %d: Forwarded %q: %+v; want what the proxy says", seed, lines, got)
			}
		}
	}
}

// piecesOf returns up to a dozen pieces of the header's syntax in any order.
func piecesOf(random *rand.Rand) string {
	pieces := []string{
		"for", "=", `"`, `\`, "[", "]", ":", ";", ",", " ", "\t", "9.9.9.9", "proto=https", "host=evil.example", "by", "for=9.9.9.9",
		`for="[2001:db8::66]"`, `x="`, `""`, `\"`,
	}
	var s strings.Builder
	for range random.IntN(12) {
		s.WriteString(pieces[random.IntN(len(pieces))])
	}
	return s.String()
}

// forwarded returns what a handler sees of a trusted proxy's request with these lines of
// Forwarded.
func forwarded(r *client.Resolver, lines []string) (got seen) {
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, nil)
	ctx.Request.Header.SetHost("upstream")
	for _, line := range lines {
		ctx.Request.Header.Add("Forwarded", line)
	}
	r.Handler(func(ctx *fasthttp.RequestCtx) {
		got = seen{address: client.Address(ctx).String(), host: string(ctx.Request.Header.Host()), https: client.HTTPS(ctx)}
	})(&ctx)
	return got
}
