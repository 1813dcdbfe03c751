package client_test

import (
	"bufio"
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"pagesession/internal/client"
	"pagesession/internal/network"
)

// seen is what a handler behind a Resolver sees.
type seen struct {
	address, host string
	https, exempt bool
}

// request sends a request with these header lines from a peer, "unix" or an IP address.
func request(t *testing.T, r *client.Resolver, peer string, lines ...string) (got seen) {
	t.Helper()
	var from net.Addr = &net.UnixAddr{Net: "unix"}
	if peer != "unix" {
		from = &net.TCPAddr{IP: net.ParseIP(peer), Port: 4711}
	}
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, from, nil)
	head := "GET /get/ HTTP/1.1\r\nHost: upstream:8000\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
	if err := ctx.Request.Read(newReader(head)); err != nil {
		t.Fatal(err)
	}
	r.Handler(func(ctx *fasthttp.RequestCtx) {
		got = seen{client.IP(ctx), string(ctx.Host()), client.HTTPS(ctx), r.Exempt(ctx)}
		if uri := string(ctx.URI().Host()); uri != got.host {
			t.Errorf("URI has the host %q; want %q", uri, got.host)
		}
	})(&ctx)
	return got
}

func resolver(t *testing.T, trusted string) (*client.Resolver, *bytes.Buffer) {
	t.Helper()
	proxies, err := client.Parse(trusted)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	return client.NewResolver(proxies, slog.New(slog.NewTextHandler(&log, nil))), &log
}

func TestResolver(t *testing.T) {
	const upstream = "upstream:8000"
	for _, test := range []struct {
		name, trusted, peer string
		lines               []string
		want                seen
	}{
		{"no proxy is trusted", "", "203.0.113.7", []string{"X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: example.com"},
			seen{"203.0.113.7", upstream, false, false}},
		{"another peer is trusted", "10.0.0.1", "203.0.113.7", []string{"Forwarded: for=1.2.3.4;proto=https;host=example.com"},
			seen{"203.0.113.7", upstream, false, false}},
		{"the last quote is escaped", "127.0.0.1", "127.0.0.1", []string{`Forwarded: for="1.2.3.4\"`},
			seen{"127.0.0.1", upstream, false, false}},
		{"all three", "127.0.0.1", "127.0.0.1", []string{"X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: example.com"},
			seen{"1.2.3.4", "example.com", true, false}},
		{"the proxy itself", "10.0.0.1", "10.0.0.1", nil, seen{"10.0.0.1", upstream, false, true}},
		{"this machine", "", "127.0.0.1", nil, seen{"127.0.0.1", upstream, false, true}},
		{"this machine, with a header in vain", "", "127.0.0.1", []string{"Via: 1.1 x"}, seen{"127.0.0.1", upstream, false, false}},
		{"what a client adds on the left does not count", "10.0.0.0/8", "10.0.0.1", []string{"X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.2"},
			seen{"1.2.3.4", upstream, false, false}},
		{"several lines are one list", "10.0.0.0/8", "10.0.0.1", []string{"X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 10.0.0.2"},
			seen{"1.2.3.4", upstream, false, false}},
		{"only proxies", "10.0.0.0/8", "10.0.0.1", []string{"X-Forwarded-For: 10.0.0.3, 10.0.0.2"}, seen{"10.0.0.3", upstream, false, false}},
		{"IPv6", "::1", "::1", []string{"X-Forwarded-For: 2001:db8::1"}, seen{"2001:db8::1", upstream, false, false}},
		{"IPv6 in brackets", "::1", "::1", []string{"X-Forwarded-For: [2001:db8::1]"}, seen{"2001:db8::1", upstream, false, false}},
		{"IPv6 with a port", "::1", "::1", []string{"X-Forwarded-For: [2001:db8::1]:443"}, seen{"2001:db8::1", upstream, false, false}},
		{"IPv4 with a port", "::1", "::1", []string{"X-Forwarded-For: 1.2.3.4:443"}, seen{"1.2.3.4", upstream, false, false}},
		{"IPv4-mapped", "::1", "::1", []string{"X-Forwarded-For: ::ffff:1.2.3.4"}, seen{"1.2.3.4", upstream, false, false}},
		{"an IPv4-mapped peer", "127.0.0.1", "::ffff:127.0.0.1", []string{"X-Forwarded-For: 1.2.3.4"}, seen{"1.2.3.4", upstream, false, false}},
		{"unknown", "10.0.0.1", "10.0.0.1", []string{"X-Forwarded-For: 1.2.3.4, unknown"}, seen{"10.0.0.1", upstream, false, false}},
		{"an empty entry", "10.0.0.1", "10.0.0.1", []string{"X-Forwarded-For: 1.2.3.4, "}, seen{"10.0.0.1", upstream, false, false}},
		{"unknown behind a proxy", "10.0.0.0/8", "10.0.0.1", []string{"X-Forwarded-For: 1.2.3.4, unknown, 10.0.0.2"}, seen{"10.0.0.2", upstream, false, false}},
		{"a Unix socket", "unix", "unix", []string{"X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: HTTPS"}, seen{"1.2.3.4", upstream, true, false}},
		{"a Unix socket without headers", "unix", "unix", nil, seen{"", upstream, false, true}},
		{"a Unix socket that is not trusted", "127.0.0.1", "unix", []string{"X-Forwarded-For: 1.2.3.4"}, seen{"", upstream, false, false}},
		{"only the scheme", "127.0.0.1", "127.0.0.1", []string{"X-Forwarded-Proto: https"}, seen{"127.0.0.1", upstream, true, false}},
		{"a scheme that is none", "127.0.0.1", "127.0.0.1", []string{"X-Forwarded-Proto: wss"}, seen{"127.0.0.1", upstream, false, false}},
		{"the scheme of the hop that counts", "10.0.0.0/8", "10.0.0.1",
			[]string{"X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.2", "X-Forwarded-Proto: http, https, http"}, seen{"1.2.3.4", upstream, true, false}},
		{"one scheme for all hops", "10.0.0.0/8", "10.0.0.1",
			[]string{"X-Forwarded-For: 1.2.3.4, 10.0.0.2", "X-Forwarded-Proto: https"}, seen{"1.2.3.4", upstream, true, false}},
		{"Forwarded", "10.0.0.0/8", "10.0.0.1", []string{`Forwarded: for=6.6.6.6, For="[2001:db8::1]:4711"; Proto=https;host="example.com:8443", for=10.0.0.2`},
			seen{"2001:db8::1", "example.com:8443", true, false}},
		{"Forwarded on several lines", "10.0.0.0/8", "10.0.0.1", []string{"Forwarded: for=1.2.3.4", "Forwarded: for=10.0.0.2;by=10.0.0.1"}, seen{"1.2.3.4", upstream, false, false}},
		{"Forwarded with a comma in quotes", "10.0.0.1", "10.0.0.1", []string{`Forwarded: for=1.2.3.4;x="a,\",for=6.6.6.6"`}, seen{"1.2.3.4", upstream, false, false}},
		{"Forwarded with a hidden name", "10.0.0.1", "10.0.0.1", []string{"Forwarded: for=_secret"}, seen{"10.0.0.1", upstream, false, false}},
		{"Forwarded with an open quote", "10.0.0.1", "10.0.0.1", []string{`Forwarded: for="1.2.3.4`}, seen{"10.0.0.1", upstream, false, false}},
		{"both agree", "10.0.0.1", "10.0.0.1", []string{"Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https"}, seen{"1.2.3.4", upstream, false, false}},
		{"addresses disagree", "10.0.0.1", "10.0.0.1", []string{"Forwarded: for=6.6.6.6;host=evil.example", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https"}, seen{"10.0.0.1", upstream, false, false}},
		{"schemes disagree", "10.0.0.1", "10.0.0.1", []string{"Forwarded: for=1.2.3.4;proto=http", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https"}, seen{"10.0.0.1", upstream, false, false}},
		{"hosts disagree", "10.0.0.1", "10.0.0.1", []string{"Forwarded: for=1.2.3.4;host=a.example", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: b.example"}, seen{"10.0.0.1", upstream, false, false}},
		{"Forwarded beside a proxy that names the scheme only", "10.0.0.1", "10.0.0.1", []string{"Forwarded: for=6.6.6.6", "X-Forwarded-Proto: https"}, seen{"10.0.0.1", upstream, false, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := resolver(t, test.trusted)
			if got := request(t, r, test.peer, test.lines...); got != test.want {
				t.Errorf("from %s, trusting %q, with %q: %+v; want %+v", test.peer, test.trusted, test.lines, got, test.want)
			}
		})
	}
}

// One connection of a proxy carries the requests of many clients.
func TestResolver_ForgetsTheLastRequest(t *testing.T) {
	r, _ := resolver(t, "127.0.0.1")
	ln := fasthttputil.NewInmemoryListener()
	srv := fasthttp.Server{Handler: r.Handler(func(ctx *fasthttp.RequestCtx) {
		fmt.Fprintf(ctx, "%s %v %s", ctx.RemoteIP(), client.HTTPS(ctx), ctx.Host())
	})}
	go srv.Serve(fromProxy{ln})
	defer srv.Shutdown()
	c, err := ln.Dial()
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(c)
	for _, test := range []struct{ head, want string }{
		{"X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example\r\n", "1.2.3.4 true a.example"},
		{"", "127.0.0.1 false upstream"},
		{"X-Forwarded-For: unknown\r\n", "127.0.0.1 false upstream"},
	} {
		fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: upstream\r\n%s\r\n", test.head)
		var answer fasthttp.Response
		if err := answer.Read(in); err != nil || string(answer.Body()) != test.want {
			t.Errorf("with %q: %q, %v; want %q", test.head, answer.Body(), err, test.want)
		}
	}
}

// fromProxy is a listener whose connections come from 127.0.0.1.
type fromProxy struct{ net.Listener }

func (l fromProxy) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return proxyConn{c}, err
}

type proxyConn struct{ net.Conn }

func (proxyConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func TestResolver_LooksAtThirtyTwoProxies(t *testing.T) {
	r, _ := resolver(t, "10.0.0.0/8")
	chain := "X-Forwarded-For: 1.2.3.4" + strings.Repeat(", 10.0.0.2", 40)
	if got := request(t, r, "10.0.0.1", chain); got.address != "10.0.0.2" {
		t.Errorf("behind 40 proxies: %+v; want the last that was looked at", got)
	}
}

func TestResolver_ReportsAnUntrustedPeerOnce(t *testing.T) {
	for _, line := range []string{"X-Forwarded-For: 1.2.3.4", "x-forwarded-proto: https", "FORWARDED: for=1.2.3.4", "X-Real-IP: 1.2.3.4", "Via: 1.1 proxy"} {
		r, log := resolver(t, "10.0.0.1")
		for _, peer := range []string{"10.0.0.1", "127.0.0.1", "127.0.0.2"} {
			request(t, r, peer, "X-Other: 1", line)
		}
		if got := strings.Count(log.String(), "--trusted-proxies"); got != 1 || r.Untrusted() != "127.0.0.1" {
			t.Errorf("%s: %d lines in the log, Untrusted() = %q; want 1 and the first peer", line, got, r.Untrusted())
		}
	}
	r, log := resolver(t, "")
	request(t, r, "127.0.0.1", "X-Request-Id: 1", "Forwarder: x", "Viable: x")
	if log.Len() > 0 || r.Untrusted() != "" {
		t.Errorf("other headers were reported: %s", log)
	}
}

func TestResolver_ReportsAContradictionOnce(t *testing.T) {
	r, log := resolver(t, "10.0.0.1")
	request(t, r, "10.0.0.1", "Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4")
	if log.Len() > 0 {
		t.Errorf("headers that agree were reported: %s", log)
	}
	for range 3 {
		request(t, r, "10.0.0.1", "Forwarded: for=6.6.6.6", "X-Forwarded-For: 1.2.3.4")
	}
	if got := strings.Count(log.String(), "contradict"); got != 1 || !strings.Contains(log.String(), "peer=10.0.0.1") {
		t.Errorf("log: %s; want one line that names the proxy", log)
	}
	if r.Untrusted() != "" {
		t.Errorf("Untrusted() = %q; want none, because the proxy is trusted", r.Untrusted())
	}
}

func BenchmarkResolver_NoProxy(b *testing.B) {
	r := client.NewResolver(client.Proxies{}, slog.New(slog.DiscardHandler))
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, nil)
	head := "GET /get/ HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\nAccept: text/html\r\n" +
		"Accept-Language: en\r\nSec-Fetch-Site: none\r\nCookie: sessionid=ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n\r\n"
	if err := ctx.Request.Read(newReader(head)); err != nil {
		b.Fatal(err)
	}
	handle := r.Handler(func(*fasthttp.RequestCtx) {})
	b.ReportAllocs()
	for b.Loop() {
		handle(&ctx)
	}
}

// A peer on a private network is a proxy; another one may be a visitor.
func TestResolver_PeersAsTheyMayBeKept(t *testing.T) {
	for _, test := range []struct {
		kept       network.Kept
		peer, want string
	}{
		{network.KeptWhole, "203.0.113.7", "203.0.113.7"},
		{network.KeptNetwork, "203.0.113.7", "203.0.113.0/24"}, {network.KeptNothing, "203.0.113.7", "ADDRESS"},
		{network.KeptNothing, "10.0.0.9", "10.0.0.9"}, {network.KeptNetwork, "127.0.0.1", "127.0.0.1"}, {network.KeptNothing, "unix", "unix"},
	} {
		r, log := resolver(t, "")
		r.Addresses = test.kept
		request(t, r, test.peer, "X-Forwarded-For: 1.2.3.4")
		if got := r.Untrusted(); got != test.want || !strings.Contains(log.String(), test.want) {
			t.Errorf("%v, from %s: Untrusted() = %q, log %q; want %q", test.kept, test.peer, got, log, test.want)
		}
	}
}
