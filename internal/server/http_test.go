package server_test

import (
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

// The engine must refuse these requests, since a proxy before it may have read the
// same bytes differently. Fiber's tests do not cover this version of the engine.
func TestServer_RefusesAmbiguousRequests(t *testing.T) {
	r := start(t, config())
	r.Ready(func(*fasthttp.RequestCtx) { t.Error("the handler was reached") })
	const host = "Host: x\r\n"
	for _, tc := range []struct {
		name, raw string
		status    int
	}{
		{"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
		{"two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
		{"two equal Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
		{"space in Host", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400},
		{"no version", "GET /\r\nHost: x\r\n\r\n", 400},
		{"only a method", "GET\r\nHost: x\r\n\r\n", 400},
		{"no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400},
		{"bad method", "G(T / HTTP/1.1\r\n" + host + "\r\n", 400},
		{"bad version", "GET / HTTP/9\r\n" + host + "\r\n", 400},
		{"space in target", "GET /a b HTTP/1.1\r\n" + host + "\r\n", 400},
		{"control in target", "GET /a\x00b HTTP/1.1\r\n" + host + "\r\n", 400},
		{"header without colon", "GET / HTTP/1.1\r\n" + host + "bad\r\n\r\n", 400},
		{"space before colon", "GET / HTTP/1.1\r\n" + host + "A : b\r\n\r\n", 400},
		{"folded header", "GET / HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n", 400},
		{"bare CR in header", "GET / HTTP/1.1\r\n" + host + "A: b\rX: y\r\n\r\n", 400},
		{"NUL in header", "GET / HTTP/1.1\r\n" + host + "A: b\x00c\r\n\r\n", 400},
		{"length and chunks", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{"chunks and length", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
		{"two lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
		{"bad length", "POST / HTTP/1.1\r\n" + host + "Content-Length: +3\r\n\r\nabc", 400},
		{"negative length", "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400},
		{"hexadecimal length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 0x3\r\n\r\nabc", 400},
		{"two numbers for a length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3 3\r\n\r\nabc", 400},
		{"chunks, then identity", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400},
		{"unknown coding", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400},
		{"chunks twice", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{"chunks in HTTP/1.0", "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{"chunks in HTTP/1.0, kept alive", "POST / HTTP/1.0\r\n" + host + "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{"bad chunk", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", 400},
		{"header too large", "GET / HTTP/1.1\r\n" + host + "Cookie: " + strings.Repeat("c", 8<<10) + "\r\n\r\n", 431},
		{"many headers", "GET / HTTP/1.1\r\n" + host + strings.Repeat("X-A: b\r\n", 3000) + "\r\n", 431},
		{"method too large", strings.Repeat("x", 8<<10) + " / HTTP/1.1\r\n" + host + "\r\n", 431},
		{"header without an end", "GET / HTTP/1.1\r\n" + host + "X: " + strings.Repeat("x", 8<<10), 431},
		{"target too large", "GET /" + strings.Repeat("a", 8<<10) + " HTTP/1.1\r\n" + host + "\r\n", 431},
		{"body too large", "POST / HTTP/1.1\r\n" + host + "Content-Length: 32769\r\n\r\n" + strings.Repeat("b", 32769), 413},
		{"chunked body too large", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n8001\r\n" + strings.Repeat("b", 0x8001) + "\r\n0\r\n\r\n", 413},
		{"body far too large", "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999\r\n\r\n", 413},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := r.dial(t)
			res := c.Ask(tc.raw)
			if res.StatusCode != tc.status || !res.Close {
				t.Errorf("%.60q = %d, close %v; want %d, close", tc.raw, res.StatusCode, res.Close, tc.status)
			}
			c.ExpectClosed()
		})
	}
}

// Valid requests must get through, on the same connection if it may stay open.
func TestServer_Accepts(t *testing.T) {
	r := start(t, config())
	r.Ready(hello)
	const host = "Host: x\r\n"
	for _, tc := range []struct {
		name, raw, body string
		close           bool
	}{
		{"keep-alive", "GET /a HTTP/1.1\r\n" + host + "\r\n", "hello GET /a ", false},
		{"close", "GET /a HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "hello GET /a ", true},
		{"close in capitals", "GET /a HTTP/1.1\r\n" + host + "Connection: CLOSE\r\n\r\n", "hello GET /a ", true},
		{"close among others", "GET /a HTTP/1.1\r\n" + host + "Connection: keep-alive, close\r\n\r\n", "hello GET /a ", true},
		{"close in the second line", "GET /a HTTP/1.1\r\n" + host + "Connection: keep-alive\r\nConnection: close\r\n\r\n", "hello GET /a ", true},
		{"a name that contains close", "GET /a HTTP/1.1\r\n" + host + "Connection: x-close\r\n\r\n", "hello GET /a ", false},
		{"header just small enough", "GET / HTTP/1.1\r\n" + host + "Cookie: " + strings.Repeat("c", 8100) + "\r\n\r\n", "hello GET / ", false},
		{"length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc", "hello POST / abc", false},
		{"chunks", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "hello POST / abc", false},
		{"largest body", "POST / HTTP/1.1\r\n" + host + "Content-Length: 32768\r\n\r\n" + strings.Repeat("b", 32768), "hello POST / " + strings.Repeat("b", 32768), false},
		{"HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n", "hello GET /a ", true},
		{"HTTP/1.0 keep-alive and close", "GET /a HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "hello GET /a ", true},
		{"HTTP/1.0 expects nothing", "POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc", "hello POST / abc", true},
		{"HTTP/1.0 keep-alive", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "hello GET /a ", false},
		{"multipart left alone", "POST / HTTP/1.1\r\n" + host + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 3\r\n\r\nabc", "hello POST / abc", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := r.dial(t)
			res := c.Ask(tc.raw)
			if res.StatusCode != 200 || res.Text != tc.body || res.Close != tc.close {
				t.Fatalf("%.60q = %d, %.60q, close %v; want 200, %.60q, %v", tc.raw, res.StatusCode, res.Text, res.Close, tc.body, tc.close)
			}
			if res.Header.Get("Server") != "" || res.Header.Get("Date") == "" {
				t.Errorf("headers = %v; want a Date and no Server", res.Header)
			}
			if tc.close {
				c.ExpectClosed()
				return
			}
			if res := c.Ask(get); res.StatusCode != 200 {
				t.Errorf("second request: status = %d; want 200", res.StatusCode)
			}
		})
	}
}

func TestServer_AnswersPipelinedRequestsInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, config())
		r.Ready(hello)
		c := r.dial(t)
		c.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n2GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		for _, want := range []string{"hello GET /1 ", "hello POST /2 2", "hello GET /3 "} {
			if res := c.Receive("GET"); res.StatusCode != 200 || res.Text != want {
				t.Errorf("response = %d, %q; want 200, %q", res.StatusCode, res.Text, want)
			}
		}
		c.ExpectClosed()
	})
}

func TestServer_ExpectContinue(t *testing.T) {
	r := start(t, config())
	r.Ready(hello)
	c := r.dial(t)
	if res := c.Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"); res.StatusCode != 100 {
		t.Fatalf("status = %d; want 100", res.StatusCode)
	}
	if res := c.Ask("abc"); res.StatusCode != 200 || res.Text != "hello POST / abc" {
		t.Errorf("response = %d, %q; want 200, abc", res.StatusCode, res.Text)
	}
}

// A body that is too large is refused before the client has sent it.
func TestServer_ExpectContinueTooLarge(t *testing.T) {
	r := start(t, config())
	r.Ready(hello)
	c := r.dial(t)
	res := c.Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\nExpect: 100-continue\r\n\r\n")
	if res.StatusCode == 100 { // the engine has not looked at the length yet
		res = c.Receive("POST")
	}
	if res.StatusCode != 413 {
		t.Errorf("status = %d; want 413", res.StatusCode)
	}
}

// A client that sends everything and then reads still sees why it was refused.
func TestServer_RefusalIsSeenByASendingClient(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, config())
		for range 20 {
			c := r.dial(t)
			c.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 800000\r\n\r\n")
			for range 50 {
				c.Send(strings.Repeat("b", 10_000))
			}
			if res := c.Receive("POST"); res.StatusCode != 413 {
				t.Fatalf("status = %d; want 413", res.StatusCode)
			}
			_ = c.Close()
		}
	})
}
