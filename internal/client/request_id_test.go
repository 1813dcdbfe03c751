package client_test

import (
	"log/slog"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"pagesession/internal/client"
)

// idOf returns the id of a request that a peer sends to a server that trusts 10.0.0.7.
func idOf(t *testing.T, peer string, headers ...string) string {
	t.Helper()
	trusted, err := client.Parse("10.0.0.7")
	if err != nil {
		t.Fatal(err)
	}
	ctx := new(fasthttp.RequestCtx)
	ctx.SetRemoteAddr(&net.TCPAddr{IP: net.ParseIP(peer)})
	for _, id := range headers {
		ctx.Request.Header.Add("X-Request-ID", id)
	}
	id := ""
	client.NewResolver(trusted, slog.New(slog.DiscardHandler)).Handler(func(ctx *fasthttp.RequestCtx) {
		id = client.RequestID(ctx)
		if again := client.RequestID(ctx); again != id {
			t.Errorf("a request has the ids %q and %q", id, again)
		}
	})(ctx)
	return id
}

// Only a trusted proxy names a request, and only with what looks like an id.
func TestRequestID(t *testing.T) {
	made := regexp.MustCompile(`^[0-9a-f]{16}$`)
	const sent = "5f0c-ID_7.x"
	longest := strings.Repeat("x", 64)
	for _, tc := range []struct {
		peer    string
		headers []string
		want    string // "": made here
	}{
		{"10.0.0.7", []string{sent}, sent},
		{"10.0.0.7", []string{longest}, longest},
		{"10.0.0.8", []string{sent}, ""},
		{"10.0.0.7", nil, ""},
		{"10.0.0.7", []string{""}, ""},
		{"10.0.0.7", []string{longest + "x"}, ""},
		{"10.0.0.7", []string{"a b"}, ""},
		{"10.0.0.7", []string{"a=b"}, ""},
		{"10.0.0.7", []string{"a\"b"}, ""},
		{"10.0.0.7", []string{"ä"}, ""},
		{"10.0.0.7", []string{sent, "another"}, ""},
	} {
		got := idOf(t, tc.peer, tc.headers...)
		if tc.want != "" && got != tc.want || tc.want == "" && !made.MatchString(got) {
			t.Errorf("RequestID(%q from %s) = %q; want %q, or 16 hex digits if that is empty", tc.headers, tc.peer, got, tc.want)
		}
	}
	if a, b := idOf(t, "10.0.0.8"), idOf(t, "10.0.0.8"); a == b {
		t.Errorf("two requests have the id %q", a)
	}
}
