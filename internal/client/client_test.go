package client_test

import (
	"bufio"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"pagesession/internal/client"
)

func newReader(s string) *bufio.Reader { return bufio.NewReaderSize(strings.NewReader(s), 8<<10) }

func TestParse(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"  ", ""},
		{"127.0.0.1", "127.0.0.1"},
		{"127.0.0.1/32,unix , ::1", "127.0.0.1,::1,unix"},
		{"10.0.0.0/8, 2001:DB8::/32,10.0.0.0/8", "10.0.0.0/8,2001:db8::/32"},
		{"::ffff:10.0.0.1,::ffff:10.0.0.0/104", "10.0.0.1,10.0.0.0/8"},
		{"0.0.0.0/0,::/0", "0.0.0.0/0,::/0"},
	} {
		got, err := client.Parse(test.in)
		if err != nil || got.String() != test.want || got.Empty() != (test.want == "") {
			t.Errorf("Parse(%q) = %q, %v; want %q", test.in, got, err, test.want)
		}
		if again, err := client.Parse(got.String()); err != nil || again.String() != got.String() {
			t.Errorf("Parse(%q) = %q, %v; want the same", got, again, err)
		}
	}
	for _, bad := range []string{",", "10.0.0.1,", "10.0.0.1/8", "10.0.0.0/33", "example.com", "fe80::1%eth0", "::ffff:0.0.0.0/90", "10.0.0.1:80", "Unix"} {
		if got, err := client.Parse(bad); err == nil || !strings.Contains(err.Error(), "use ") {
			t.Errorf("Parse(%q) = %q, %v; want an error that says what to use", bad, got, err)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for _, host := range []string{"localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:8000", "[::ffff:127.0.0.1]"} {
		if !client.IsLoopback(host) {
			t.Errorf("IsLoopback(%q) = false", host)
		}
	}
	for _, host := range []string{"", "localhost.example.com", "notlocalhost", "127.0.0.1.example.com", "10.0.0.1", "[::2]:80", "0.0.0.0", "2130706433"} {
		if client.IsLoopback(host) {
			t.Errorf("IsLoopback(%q) = true", host)
		}
	}
}

func TestLocal(t *testing.T) {
	for _, test := range []struct {
		name, peer, host string
		lines            string
		want             bool
	}{
		{"a browser here", "127.0.0.1", "127.0.0.1:8000", "", true},
		{"with its own pages' headers", "::1", "localhost:8000", "Origin: http://localhost:8000\r\nReferer: http://localhost:8000/admin/\r\n", true},
		{"another machine", "10.0.0.9", "127.0.0.1:8000", "", false},
		{"another name", "127.0.0.1", "pages.lan:8000", "", false},
		{"another site's page", "127.0.0.1", "127.0.0.1:8000", "Origin: http://evil.example\r\n", false},
		{"a page without an origin", "127.0.0.1", "127.0.0.1:8000", "Origin: null\r\n", false},
		{"from another site", "127.0.0.1", "127.0.0.1:8000", "Referer: https://evil.example/\r\n", false},
		{"X-Forwarded-For", "127.0.0.1", "127.0.0.1:8000", "X-Forwarded-For: 127.0.0.1\r\n", false},
		{"X-Forwarded-Server", "127.0.0.1", "127.0.0.1:8000", "x-forwarded-server: a\r\n", false},
		{"Forwarded", "127.0.0.1", "127.0.0.1:8000", "Forwarded: for=127.0.0.1\r\n", false},
		{"X-Real-IP", "127.0.0.1", "127.0.0.1:8000", "X-Real-IP: 127.0.0.1\r\n", false},
		{"Via", "127.0.0.1", "127.0.0.1:8000", "Via: 1.1 a\r\n", false},
	} {
		var ctx fasthttp.RequestCtx
		ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.ParseIP(test.peer)}, nil)
		if err := ctx.Request.Read(newReader("GET / HTTP/1.1\r\nHost: " + test.host + "\r\n" + test.lines + "\r\n")); err != nil {
			t.Fatal(err)
		}
		if got := client.Local(&ctx); got != test.want {
			t.Errorf("%s: Local() = %v; want %v", test.name, got, test.want)
		}
	}
}

func TestIsOwnPage(t *testing.T) {
	for _, test := range []struct {
		host, proto, page string
		want              bool
	}{
		{"a.example:8000", "http", "http://a.example:8000/", true},
		{"a.example:8000", "http", "http://A.example:8000/set/?name=x", true},
		{"a.example", "http", "http://a.example", true},
		{"a.example:80", "http", "http://a.example", true},
		{"a.example:443", "https", "https://a.example", true},
		{"a.example", "https", "https://a.example/", true},
		{"a.example", "http", "https://a.example/", true}, // a proxy that is not trusted has the TLS
		{"[::1]:8000", "http", "http://[::1]:8000/", true},
		{"a.example", "https", "http://a.example/", false},
		{"a.example:443", "https", "http://a.example:443/", false},
		{"a.example", "http", "http://a.example:8000/", false},
		{"a.example:443", "http", "http://a.example/", false},
		{"a.example", "http", "http://b.example/", false},
		{"a.example", "http", "http://a.example.evil.example/", false},
		{"a.example", "http", "http://evil.example/a.example", false},
		{"a.example", "http", "http://a.example@evil.example/", false},
		{"a.example", "http", "ftp://a.example/", false},
		{"a.example", "http", "//a.example/", false},
		{"a.example", "http", "null", false},
		{"a.example", "http", "", false},
		{"", "http", "http:///", false},
	} {
		var ctx fasthttp.RequestCtx
		ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, nil)
		ctx.Request.Header.SetHost(test.host)
		ctx.Request.Header.Set("X-Forwarded-Proto", test.proto)
		proxies, _ := client.Parse("127.0.0.1")
		client.NewResolver(proxies, slog.New(slog.DiscardHandler)).Handler(func(ctx *fasthttp.RequestCtx) {
			if got := client.IsOwnPage(ctx, test.page); got != test.want {
				t.Errorf("asked for %s over %s: IsOwnPage(%q) = %v; want %v", test.host, test.proto, test.page, got, test.want)
			}
		})(&ctx)
	}
}

func FuzzResolver(f *testing.F) {
	for _, s := range []string{`for="[2001:db8::1]:1";proto=https, for=1.2.3.4`, `for="\"`, `,;=`, "a, b"} {
		f.Add(s, s)
	}
	proxies, err := client.Parse("10.0.0.0/8")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, standard, old string) {
		var ctx fasthttp.RequestCtx
		ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, nil)
		ctx.Request.Header.Set("Forwarded", standard)
		ctx.Request.Header.Set("X-Forwarded-For", old)
		// The nearest proxy wrote the last entry, so nothing before it changes the answer.
		ctx.Request.Header.Add("Forwarded", "for=1.2.3.4")
		ctx.Request.Header.Add("X-Forwarded-For", "1.2.3.4")
		client.NewResolver(proxies, slog.New(slog.DiscardHandler)).Handler(func(ctx *fasthttp.RequestCtx) {
			if got := client.Address(ctx).String(); got != "1.2.3.4" {
				t.Errorf("Forwarded: %q, X-Forwarded-For: %q: the client is %s; want 1.2.3.4", standard, old, got)
			}
		})(&ctx)
	})
}
