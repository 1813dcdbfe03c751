package server_test

import (
	"math/rand/v2"
	"strings"
)

var long = strings.Repeat("a", 300)

// Parts of requests, good and bad. In each request at most two differ from a plain one.
var (
	versions = []string{
		"HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "HTTP/1", "HTTP/11", "HTTP/1.10", "HTTP/01.1", "http/1.1", "Http/1.1", "HTTP /1.1", "HTTP/1.1 ",
		"HTTP/1,1", "HTTP/1.x", "HTTPS/1.1", "HTTP/+1.1", "HTTP/-1.1", "", "ICY/1.1", "HTTP/1.1\t", "\tHTTP/1.1", "HTTP/1.1\x00", "HTTP/1.1\r", "X HTTP/1.1", "HTTP/1.1 HTTP/1.1",
	}
	methods = []string{
		"POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "get", "G3T", "G T", "", "G\tT", "G\x00T", "GÉT", "(GET)", "GET:", "GET,", "GET;", "GET\r", "CONNECT", "TRACE", "!#$%&'*+-.^_`|~",
		" GET", "\tGET", "GET ", "GET\t", "\x00GET", "\xef\xbb\xbfGET", "\r\nGET", "\nGET", "\r\n\r\nGET", "\rGET", "G/T", "\"GET\"", "{GET}", "GET\x7f", "GET\\", "GET=", "@", long,
	}
	targets = []string{
		"/a?b=c", "*", "", "a", "//x", "http://x/a", "http://y/a", "HTTP://x/", "https://x/a", "ftp://x/", "x:80", "/a b", "/a\tb", "/a\x00", "/a\x7f", "/a\x01", "/é", "/\x80", "/%zz", "/%", "/a#b",
		"http://", "http:///a", "http://x y/", "http://u@x/", "/\\", "?", "#", "/../..", "/a\r", "http://[::1]/", "http://[x/", "/%00", "/" + long, "://x/", "1http://x/", "http:/x", "http:x", "/a\nb", "<", "/<>\"{}|^`",
	}
	hosts = []string{
		"x:80", "x:", "x:y", "x y", "", "x,y", "x/y", "x@y", "x?", "x#", "[::1]", "[::1", "[::1]:80", "x\x00", "é", "x%00", "x%zz", " x ", "\tx", "x;y", "x\\y", "<x>", "\"x\"", "127.0.0.1:99999", "x:80:90", ".", "..",
		"_", "x\x7f", "x\r", "x:-1", ":80", "x y:80", "x\x01", "{x}", "x|y", "x^", "x`", "x=y", "x&y", "x+y", "x'y", "(x)", "x!y", "x*y", "x$y", "x~y",
	}
	lines = []string{
		"X: y", "X:y", "X :y", "X\t: y", " X: y", "\tX: y", "X y: z", ": y", " : y", "X", "X\x00: y", "X: \x00", "X: a\rb", "X: a\nb: c", "X: y\r\n z", "X: y\r\n\tz", "X: y\n z", "X: y\n", "X:", "X: \x7f", "X: \x01", "X: \x1f",
		"X: é", "X: \x80", "Xé: y", "X\x80: y", "X(: y", "X): y", "X\": y", "X@: y", "X=: y", "X/: y", "X[: y", "X]: y", "X\\: y", "X;: y", "X,: y", "X<: y", "X>: y", "X?: y", "{X}: y", "\x00: y", "\x7f: y", "X\r: y", "X: y\r", "X\r", "X: \v", "X: a\fb", "\r", "\n", "\r\r",
		"X_: y", "X.y: z", "1: 2", "!#$%&'*+-.^_`|~: y", "Host : x", "Host\t: x", "Host: y", "host: x", "HOST: x", "Host:", "Hos\x00t: x", "Host\r: y", "X" + long + ": y", "Connection: close", "Connection: x, close", "Connection: keep-alive", "Connection: \x00",
		"Expect: x", "Upgrade: h2c", "Trailer: X", "Trailer: Content-Length", "Trailer: \x00", "TE: trailers", "TE: gzip", "Cookie: a\x00", "Range: bytes=0-", "Content-Encoding: gzip", "Proxy-Connection: close", "X-Forwarded-For: 1.2.3.4", "HTTP/1.1: x", "GET / HTTP/1.1",
	}
	// each with the body abc
	lengths = []string{
		"3", "03", "0003", "+3", "-3", "-0", "3 ", "3, 3", "3,3", "3,4", "3;", "3;a", "0x3", "3.0", "", " ", "abc", "3 3", "\t3", "99999999999999999999", "18446744073709551619", "9223372036854775811", "4294967299", "３", "3\x00", "\x003", "1e0", "'3'", "\"3\"", "3_0", "3a", "3\r\n 4", "\r\n 3", "3\v", "\v3",
		"3\r\nContent-Length: 3", "3\r\nContent-Length: 4", "3\r\nCONTENT-LENGTH: 3", "3\r\nContent-Length: 0", "0\r\nContent-Length: 3", "3\r\nContent-Length : 4", "3\r\nContent Length: 4", "3\r\nContent-Length\x00: 4", "3\r\nContent_Length: 4", "3\r\n Content-Length: 4", "3\nContent-Length: 4", "3\rContent-Length: 4",
		"3\r\nTransfer-Encoding: chunked", "3\r\nTransfer-Encoding: identity", "3\r\nTransfer-Encoding:", "3\r\nTransfer-Encoding : chunked", "3\r\nTransfer Encoding: chunked", "3\r\n Transfer-Encoding: chunked", "3\r\nTransfer-Encoding\x00: chunked", "3\r\nTransfer_Encoding: chunked", "3\nTransfer-Encoding: chunked", "3\rTransfer-Encoding: chunked", "3\r\nTransfer-Encoding: x",
	}
	// each with a chunk abc
	codings = []string{
		"chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked\t", "chunked,chunked", "chunked, chunked", "identity", "Identity", "gzip", "gzip, chunked", "chunked, gzip", "chunked, identity", "identity, chunked", "xchunked", "chunkedx", "chunked;a=b", "chunked; a", "\"chunked\"", "chun ked", "chunked,", ",chunked", ", chunked", "", "\vchunked",
		"chunked\v", "chunked\x00", "\x00chunked", "chunked\r", "\rchunked", "cow", "compress, chunked", "chunked\r\n chunked", "\r\n chunked", "chunked\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: identity", "identity\r\nTransfer-Encoding: chunked", "gzip\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: x", "chunked\r\ntransfer-encoding: chunked",
		"chunked\r\nContent-Length: 3", "chunked\r\nContent-Length: 0", "chunked\r\nContent-Length: x", "chunked\r\nContent-Length : 3", "chunked\nContent-Length: 3", "x\nTransfer-Encoding: chunked", "chunked\nX: y", "сhunked", "chunKed", "chunked q=1",
	}
	chunks = []string{
		"3\r\nabc\r\n0\r\n\r\n", "03\r\nabc\r\n0\r\n\r\n", "0000000003\r\nabc\r\n0\r\n\r\n", "00000000000000000000003\r\nabc\r\n0\r\n\r\n", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "A\r\n0123456789\r\n0\r\n\r\n", "a\r\n0123456789\r\n0\r\n\r\n", "0\r\n\r\n", "3\r\nabc\r\n00\r\n\r\n", "3\r\nabc\r\n0;x\r\n\r\n",
		"3;e\r\nabc\r\n0\r\n\r\n", "3;e=1\r\nabc\r\n0\r\n\r\n", "3;e=\"a\"\r\nabc\r\n0\r\n\r\n", "3;e=\"\r\n\"\r\nabc\r\n0\r\n\r\n", "3 ;e\r\nabc\r\n0\r\n\r\n", "3; e\r\nabc\r\n0\r\n\r\n", "3;\r\nabc\r\n0\r\n\r\n", "3;;\r\nabc\r\n0\r\n\r\n", "3;e=\x00\r\nabc\r\n0\r\n\r\n", "3;\x00\r\nabc\r\n0\r\n\r\n", "3;e\nabc\r\n0\r\n\r\n", "3;\nabc\r\n0\r\n\r\n", "3;a\rb\r\nabc\r\n0\r\n\r\n", "3;" + long + "\r\nabc\r\n0\r\n\r\n",
		"3 \r\nabc\r\n0\r\n\r\n", "3\t\r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n", "\t3\r\nabc\r\n0\r\n\r\n", "3 x\r\nabc\r\n0\r\n\r\n", "3 3\r\nabc\r\n0\r\n\r\n", "3,3\r\nabc\r\n0\r\n\r\n", "+3\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n", "3h\r\nabc\r\n0\r\n\r\n", "g\r\nabc\r\n0\r\n\r\n", "\r\nabc\r\n0\r\n\r\n", ";e\r\nabc\r\n0\r\n\r\n", "3_0\r\nabc\r\n0\r\n\r\n", "３\r\nabc\r\n0\r\n\r\n", "3.0\r\nabc\r\n0\r\n\r\n", "3\x00\r\nabc\r\n0\r\n\r\n",
		"ffffffffffffffff\r\nabc\r\n0\r\n\r\n", "10000000000000003\r\nabc\r\n0\r\n\r\n", "7fffffffffffffff\r\nabc\r\n0\r\n\r\n", "fffffffffffffff\r\nabc\r\n0\r\n\r\n", "80000000\r\nabc\r\n0\r\n\r\n", "100000003\r\nabc\r\n0\r\n\r\n", "fffffffffffffffff3\r\nabc\r\n0\r\n\r\n", "-1\r\nabc\r\n0\r\n\r\n",
		"3\nabc\n0\n\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabc0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabc\r0\r\n\r\n", "3\r\nabc\r\n0\n\r\n", "3\r\nabc\r\n0\r\n\n", "3\r\nabc\r\n0\n\n", "3\r\nabcd\r\n0\r\n\r\n", "3\r\nab\r\n0\r\n\r\n", "3\r\r\nabc\r\n0\r\n\r\n", "3\rabc\r\n0\r\n\r\n", "3\rxabc\r\n0\r\n\r\n", "3\r\nabcxx0\r\n\r\n", "3\r\nabc\r\n\r\n0\r\n\r\n", "3\r\nabc\r\n-0\r\n\r\n", "3\r\nabc\r\n", "3\r\nabc\r\n0\r\n", "3\r\nabc\r\n0", "3\r\nabc\r\n\r\n",
		"3\r\nabc\r\n0\r\nX: y\r\n\r\n", "0\r\nX: y\r\n\r\n", "0\r\nX y: z\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\n: y\r\n\r\n", "0\r\nX\r\n\r\n", "0\r\n X: y\r\n\r\n", "0\r\nX: y\r\n z\r\n\r\n", "0\r\nX: y\n\r\n", "0\r\nX: y\n\n", "0\r\nX: \x00\r\n\r\n", "0\r\nX\x00: y\r\n\r\n", "0\r\nX: a\rb\r\n\r\n", "0\r\nXé: y\r\n\r\n",
		"0\r\nContent-Length: 5\r\n\r\n", "0\r\nHost: y\r\n\r\n", "0\r\nTransfer-Encoding: x\r\n\r\n", "0\r\nCookie: y\r\n\r\n", "0\r\nX: y\r\nZ\r\n\r\n", "0\r\nX: y\r\nZ : y\r\n\r\n", "0\r\nX: y\r\n\n", "0\r\n\rX: y\r\n\r\n", "0\r\nGET /third HTTP/1.1\r\nHost: x\r\n\r\n",
	}
)

// A rawRequest is the parts of a request.
type rawRequest struct{ method, target, version, host, line, framing, body, eol string }

var (
	plainRequest = rawRequest{method: "GET", target: "/first", version: "HTTP/1.1", host: "x", eol: "\r\n"}
	withLength   = rawRequest{method: "POST", target: "/first", version: "HTTP/1.1", host: "x", framing: "Content-Length: 3", body: "abc", eol: "\r\n"}
	withChunks   = rawRequest{method: "POST", target: "/first", version: "HTTP/1.1", host: "x", framing: "Transfer-Encoding: chunked", body: "3\r\nabc\r\n0\r\n\r\n", eol: "\r\n"}
)

func (r rawRequest) String() string {
	s := r.method + " " + r.target + " " + r.version + r.eol
	for _, line := range []string{"Host: " + r.host, r.line, r.framing} {
		if line != "" {
			s += line + r.eol
		}
	}
	return s + r.eol + r.body
}

// mutations are all changes of one part.
func mutations() (all []func(*rawRequest)) {
	add := func(list []string, set func(*rawRequest, string)) {
		for _, s := range list {
			all = append(all, func(r *rawRequest) { set(r, s) })
		}
	}
	add(versions, func(r *rawRequest, s string) { r.version = s })
	add(methods, func(r *rawRequest, s string) { r.method = s })
	add(targets, func(r *rawRequest, s string) { r.target = s })
	add(hosts, func(r *rawRequest, s string) { r.host = s })
	add(lines, func(r *rawRequest, s string) { r.line = s })
	add(lengths, func(r *rawRequest, s string) { r.method, r.framing, r.body = "POST", "Content-Length: "+s, "abc" })
	add(codings, func(r *rawRequest, s string) {
		r.method, r.framing, r.body = "POST", "Transfer-Encoding: "+s, withChunks.body
	})
	add(chunks, func(r *rawRequest, s string) { r.method, r.framing, r.body = "POST", withChunks.framing, s })
	add([]string{"\n", "\r", "\r\r\n", "\n\r", "\r\n ", " \r\n", "\x00\r\n"}, func(r *rawRequest, s string) { r.eol = s })
	return all
}

// rawRequests returns each mutation of three good requests, n pairs of mutations, and
// requests that have another form.
func rawRequests(n int) (all []string) {
	one := mutations()
	for _, base := range []rawRequest{plainRequest, withLength, withChunks} {
		all = append(all, base.String())
		for _, change := range one {
			r := base
			change(&r)
			all = append(all, r.String())
		}
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same requests in each run
	for range n {
		r := plainRequest
		one[random.IntN(len(one))](&r)
		one[random.IntN(len(one))](&r)
		all = append(all, r.String())
	}
	return append(all,
		"GET /first\r\n\r\n", "GET /first\r\nHost: x\r\n\r\n", "GET\r\nHost: x\r\n\r\n", "GET /first HTTP/1.1\r\n\r\n", "GET /first HTTP/1.0\r\n\r\n", "GET /first HTTP/1.1\n\n", "\r\n\r\n", "GET /first HTTP/1.1\r\n", "GET /first HTTP/1.1\r\nHost: x\r\n",
		"GET /first HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", "GET /first HTTP/1.1\nHost: x\r\n\r\n", "GET /first HTTP/1.1\r\nHost: x\r\n\n", "GET /first HTTP/1.1\r\nHost: x\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc", "POST /first HTTP/1.0\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc", "POST /first HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n",
		"GET /first HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627776\r\n\r\n",
	)
}
