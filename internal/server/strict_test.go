package server_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// refused are heads that the engine alone would accept, or wait for. "^" stands for the
// field Host.
var refused = []struct {
	name, raw string
	status    int
}{
	{"version 9.9", "GET / HTTP/9.9\r\n^\r\n", 505},
	{"version 1.2", "GET / HTTP/1.2\r\n^\r\n", 505},
	{"version 0.9", "GET / HTTP/0.9\r\n^\r\n", 505},
	{"version 2.0", "GET / HTTP/2.0\r\n^\r\n", 505},
	{"version 9.9 without fields", "GET / HTTP/9.9\r\n\r\n", 505},

	{"space in a name", "POST / HTTP/1.1\r\n^Content Length: 3\r\n\r\nabc", 400},
	{"space in another name", "GET / HTTP/1.1\r\n^X y: 3\r\n\r\n", 400},
	{"space in the first name", "GET / HTTP/1.1\r\nX y: 3\r\n^\r\n", 400},
	{"tab in a name", "GET / HTTP/1.1\r\n^X\ty: 3\r\n\r\n", 400},
	{"slash in a name", "GET / HTTP/1.1\r\n^X/y: 3\r\n\r\n", 400},
	{"brackets in a name", "GET / HTTP/1.1\r\n^X[y]: 3\r\n\r\n", 400},
	{"letter outside of ASCII in a name", "GET / HTTP/1.1\r\n^Xé: 3\r\n\r\n", 400},
	{"empty name", "GET / HTTP/1.1\r\n^: 3\r\n\r\n", 400},
	{"space before a name", "GET / HTTP/1.1\r\n^ X: 3\r\n\r\n", 400},
	{"space before the first name", "GET / HTTP/1.1\r\n X: 3\r\n^\r\n", 400},

	{"coding identity", "POST / HTTP/1.1\r\n^Transfer-Encoding: identity\r\n\r\nabc", 400},
	{"coding Identity", "POST / HTTP/1.1\r\n^transfer-encoding:Identity\r\n\r\nabc", 400},
	{"coding identity of a GET", "GET / HTTP/1.1\r\n^Transfer-Encoding: identity\r\n\r\n", 400},
	{"coding identity, then chunked", "POST / HTTP/1.1\r\n^Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", 400},
	{"coding gzip", "POST / HTTP/1.1\r\n^Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
	{"coding chunked twice", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400},
	{"coding with a parameter", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", 400},
	{"coding in quotes", "POST / HTTP/1.1\r\n^Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400},
	{"coding empty", "POST / HTTP/1.1\r\n^Transfer-Encoding:\r\n\r\n0\r\n\r\n", 400},
	{"coding with a vertical tab", "POST / HTTP/1.1\r\n^Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400},
	{"coding folded", "POST / HTTP/1.1\r\n^Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},

	{"bare LF everywhere", "GET / HTTP/1.1\nHost: x\n\n", 400},
	{"bare LF, a body", "POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc", 400},
	{"bare LF, a longer body", "POST / HTTP/1.1\nHost: x\nContent-Length: 300\n\n" + strings.Repeat("a\n", 150), 400},
	{"bare LF before the end", "GET / HTTP/1.1\r\n^X: y\n\r\n", 400},
	{"bare LF at the end", "GET / HTTP/1.1\r\n^\n", 400},
	{"bare LF without fields", "GET / HTTP/1.1\n\n", 400},
	{"bare LF in the fields", "GET / HTTP/1.1\r\n^X: y\nZ: z\r\n\r\n", 400},
	{"bare LF at the end, then a request", "GET / HTTP/1.1\r\n^\nGET /2 HTTP/1.1\r\n^\r\n", 400},
	{"bare LF in HTTP/1.0", "GET / HTTP/1.0\n\n", 400},
	{"bare LF with Unix browser's fields", "GET / HTTP/1.1\nHost: x\nUser-Agent: y\nAccept: */*\n\n", 400},

	{"bad encoding in the path", "GET /%zz HTTP/1.1\r\n^\r\n", 400},
	{"half an encoding in the path", "GET /a%2 HTTP/1.1\r\n^\r\n", 400},
	{"Host with a user", "GET / HTTP/1.1\r\nHost: u@x\r\n\r\n", 400},
	{"Host with angle brackets", "GET / HTTP/1.1\r\nHost: <x>\r\n\r\n", 400},
	{"Host in quotes", "GET / HTTP/1.1\r\nHost: \"x\"\r\n\r\n", 400},
	{"Host with a letter outside of ASCII", "GET / HTTP/1.1\r\nHost: é\r\n\r\n", 400},
	{"unknown expectation", "GET / HTTP/1.1\r\n^Expect: x\r\n\r\n", 417},

	{"trailer with bare LF", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\n", 400},
	{"trailer Host", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked\r\n\r\n0\r\nHost: y\r\n\r\n", 400},
	{"trailer Content-Length", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n", 400},
	{"trailer Cookie", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked\r\n\r\n0\r\nCookie: a=b\r\n\r\n", 400},
	{"trailer Authorization", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked\r\n\r\n0\r\nauthorization: b\r\n\r\n", 400},
	{"trailer X-Forwarded-For", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked\r\n\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n", 400},
	{"many trailers", "POST / HTTP/1.1\r\n^Transfer-Encoding: chunked\r\n\r\n0\r\n" + manyFields(40) + "\r\n", 431},
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("X-" + strings.Repeat("a", i+1) + ": y\r\n")
	}
	return b.String()
}

// Each is refused at once, also if it arrives in pieces or behind another request.
func TestServer_RefusesWhatTheEngineAccepts(t *testing.T) {
	r := start(t, limited(func(l *server.Limits) { l.Read = promptly })) // a request that waits fails
	r.Ready(hello)
	for _, tc := range refused {
		raw := strings.ReplaceAll(tc.raw, "^", "Host: x\r\n")
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := r.dial(t)
			c.Send(raw)
			assertRefused(t, c, tc.status)
		})
		t.Run(tc.name+", in pieces", func(t *testing.T) {
			t.Parallel()
			c := r.dial(t)
			for i := range raw {
				c.Send(raw[i : i+1])
			}
			assertRefused(t, c, tc.status)
		})
		t.Run(tc.name+", second in a pipeline", func(t *testing.T) {
			t.Parallel()
			c := r.dial(t)
			c.Send("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\na\n\nb" + raw)
			if res := c.Receive("POST"); res.StatusCode != 200 {
				t.Errorf("first request = %d; want 200", res.StatusCode)
			}
			assertRefused(t, c, tc.status)
		})
	}
}

func assertRefused(t *testing.T, c *testkit.Conn, status int) {
	t.Helper()
	if res := c.Receive("GET"); res.StatusCode != status || !res.Close {
		t.Errorf("answer = %d %.40q, close %v; want %d, close", res.StatusCode, res.Text, res.Close, status)
	}
	c.ExpectClosed()
}

// What looks like a refused head in a body, or begins with empty lines, is accepted.
func TestServer_AcceptsWhatOnlyLooksRefused(t *testing.T) {
	r := start(t, config())
	r.Ready(hello)
	body := "GET / HTTP/1.1\nHost: x\n\nContent Length: 3\n\r\n"
	length := "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	for _, tc := range []struct{ name, raw, body string }{
		{"bare LF in a body", "POST / HTTP/1.1\r\nHost: x\r\n" + length + "\r\n" + body, "hello POST / " + body},
		{"bare LF in a chunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED\r\n\r\n3\r\na\n\n\r\n0\r\n\r\n", "hello POST / a\n\n"},
		{"every character of a token", "GET / HTTP/1.1\r\nHost: x\r\n!#$%&'*+-.^_`|~09azAZ: y\r\n\r\n", "hello GET / "},
		{"no space after the colon", "GET / HTTP/1.1\r\nHost:x\r\n\r\n", "hello GET / "},
		{"spaces around a value", "POST / HTTP/1.1\r\nHost: \t x \t\r\nTransfer-Encoding: \t chunked \t \r\n\r\n0\r\n\r\n", "hello POST / "},
		{"letters outside of ASCII in a value", "GET / HTTP/1.1\r\nHost: x\r\nX: \xe9é\r\n\r\n", "hello GET / "},
		{"an empty line before the request", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "hello GET / "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := r.dial(t)
			if res := c.Ask(tc.raw); res.StatusCode != 200 || res.Text != tc.body {
				t.Errorf("at once = %d, %q; want 200, %q", res.StatusCode, res.Text, tc.body)
			}
			for i := range tc.raw {
				c.Send(tc.raw[i : i+1])
			}
			if res := c.Receive("POST"); res.StatusCode != 200 || res.Text != tc.body {
				t.Errorf("in pieces = %d, %q; want 200, %q", res.StatusCode, res.Text, tc.body)
			}
			c.Send(tc.raw + tc.raw)
			for range 2 {
				if res := c.Receive("POST"); res.StatusCode != 200 || res.Text != tc.body {
					t.Errorf("in a pipeline = %d, %q; want 200, %q", res.StatusCode, res.Text, tc.body)
				}
			}
		})
	}
}

// Only the fields of the head count: trailers are gone, and those of the head that have
// the same names are there, in their order.
func TestServer_DropsTrailers(t *testing.T) {
	r := start(t, config())
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		h := &ctx.Request.Header
		for name, value := range h.All() {
			ctx.WriteString(string(name) + ": " + string(value) + "\n")
		}
		ctx.WriteString("peek " + string(h.Peek("Origin")) + ", " + string(h.Peek("Sec-Fetch-Site")) + ", " + string(h.UserAgent()) + ", " + string(ctx.PostBody()))
	})
	for _, tc := range []struct{ name, head, body, trailer, want string }{
		{"one", "Origin: http://evil.test\r\n", "0\r\n", "Sec-Fetch-Site: same-origin\r\n", "Host: x\nOrigin: http://evil.test\npeek http://evil.test, , , "},
		{"a name of the head", "Origin: http://evil.test\r\n", "3\r\nabc\r\n0\r\n", "Origin: http://x\r\n", "Host: x\nTransfer-Encoding: chunked\nOrigin: http://evil.test\npeek http://evil.test, , , abc"},
		{"announced", "Trailer: Sec-Fetch-Site\r\n", "0\r\n", "Sec-Fetch-Site: none\r\n", "Host: x\npeek , , , "},
		{"announced, and in the head", "Trailer: Origin\r\nOrigin: http://evil.test\r\n", "0\r\n", "", "Host: x\nOrigin: http://evil.test\npeek http://evil.test, , , "},
		{"twice in the head, other case", "X: 1\r\nx: 2\r\nOrigin: o\r\n", "0\r\n", "oRIGIN: p\r\nX: 3\r\n", "Host: x\nX: 1\nX: 2\nOrigin: o\npeek o, , , "},
		{"user agent", "User-Agent: head\r\n", "0\r\n", "User-Agent: trailer\r\n", "Host: x\nUser-Agent: head\npeek , , head, "},
		{"user agent only in the trailer", "", "0\r\n", "User-Agent: trailer\r\n", "Host: x\npeek , , , "},
		{"name that is no token", "", "0\r\n", "Sec Fetch: a\r\n", "Host: x\npeek , , , "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := r.dial(t)
			raw := "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + tc.head + "\r\n" + tc.body + tc.trailer + "\r\n"
			for range 2 {
				if res := c.Ask(raw); res.StatusCode != 200 || strings.ReplaceAll(res.Text, "Content-Length: 0\n", "") != tc.want {
					t.Errorf("answer = %d\n%s\nwant\n%s", res.StatusCode, res.Text, tc.want)
				}
			}
			if res := c.Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"); res.Text != "Host: x\npeek , , , " {
				t.Errorf("next request = %s", res.Text)
			}
		})
	}
}

// Connection is a list, in any case and order, on any number of lines.
func TestServer_Connection(t *testing.T) {
	r := start(t, config())
	r.Ready(hello)
	for _, tc := range []struct {
		version, fields string
		close           bool
	}{
		{"1.1", "", false},
		{"1.1", "Connection: close, x\r\n", true},
		{"1.1", "Connection: x, CLOSE\r\n", true},
		{"1.1", "Connection: x,Close,y\r\n", true},
		{"1.1", "Connection: ,\t close \t,\r\n", true},
		{"1.1", "Connection: close\r\nConnection: x\r\n", true},
		{"1.1", "Connection: x\r\nconnection: Close\r\n", true},
		{"1.1", "Connection: close\r\nConnection: keep-alive\r\n", true},
		{"1.1", "Connection: close, x\r\nConnection: keep-alive, y\r\n", true},
		{"1.1", "Connection: closed, enclose, x-close\r\n", false},
		{"1.1", "Connection: keep-alive\r\n", false},
		{"1.1", "Connection: upgrade\r\nUpgrade: h2c\r\n", false},
		{"1.0", "", true},
		{"1.0", "Connection: keep-alive\r\n", false},
		{"1.0", "Connection: x, Keep-Alive\r\n", false},
		{"1.0", "Connection: keep-alive, close\r\n", true},
		{"1.0", "Connection: keep-alive\r\nConnection: x, CLOSE\r\n", true},
		{"1.0", "Connection: close\r\n", true},
		{"1.0", "Connection: x\r\n", true},
	} {
		t.Run(tc.version+" "+tc.fields, func(t *testing.T) {
			t.Parallel()
			c := r.dial(t)
			res := c.Ask("GET / HTTP/" + tc.version + "\r\nHost: x\r\n" + tc.fields + "\r\n")
			if res.StatusCode != 200 || res.Close != tc.close {
				t.Errorf("answer = %d, close %v; want 200, %v", res.StatusCode, res.Close, tc.close)
			}
			if tc.close {
				c.ExpectClosed()
			} else if res := c.Ask(get); res.StatusCode != 200 {
				t.Errorf("second request = %d; want 200", res.StatusCode)
			}
		})
	}
}

// An answer to HEAD has no body, also if the head could not be read.
func TestServer_RefusesHEADWithoutABody(t *testing.T) {
	r := start(t, limited(func(l *server.Limits) { l.Read = time.Second }))
	r.Ready(hello)
	for _, tc := range []struct {
		name, raw string
		status    int
	}{
		{"bad Host", "HEAD / HTTP/1.1\r\nHost: x y\r\n\r\n", 400},
		{"no Host", "HEAD / HTTP/1.1\r\n\r\n", 400},
		{"large head", "HEAD / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n", 431},
		{"large target", "HEAD /" + strings.Repeat("x", 9000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		{"large body", "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n", 413},
		{"bad version", "HEAD / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
		{"no version", "HEAD /\r\nHost: x\r\n\r\n", 400},
		{"bare LF", "HEAD / HTTP/1.1\nHost: x\n\n", 400},
		{"name with a space", "HEAD / HTTP/1.1\r\nHost: x\r\nX y: z\r\n\r\n", 400},
		{"an empty line before", "\r\nHEAD / HTTP/1.1\r\n\r\n", 400},
		{"too slow", "HEAD / HTTP/1.1\r\nHost: x\r\n", 408},
		{"too slow in the line", "HEAD ", 408},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, earlier := range []string{"", get, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"} {
				c := r.dial(t)
				if earlier != "" {
					c.Ask(earlier)
				}
				c.Send(tc.raw)
				res := c.Receive("HEAD")
				if res.StatusCode != tc.status || res.ContentLength <= 0 {
					t.Errorf("answer = %d, length %d; want %d with a length", res.StatusCode, res.ContentLength, tc.status)
				}
				c.ExpectClosed()
			}
		})
	}
	for _, raw := range []string{"GET / HTTP/1.1\r\n\r\n", "HEADS / HTTP/1.1\r\n\r\n", "head / HTTP/1.1\r\n\r\n"} {
		if res := r.dial(t).Ask(raw); res.StatusCode != 400 || res.Text == "" {
			t.Errorf("%q = %d, %q; want 400 with a body", raw, res.StatusCode, res.Text)
		}
	}
}
