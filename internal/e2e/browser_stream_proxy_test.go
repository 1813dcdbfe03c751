package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"pagesession/internal/testkit/caddy"
	"pagesession/internal/testkit/nginx"
)

// behind returns the server as seen through a proxy at another address.
func (s *server) behind(addr string) *server {
	through := *s
	through.addr, through.url = addr, "http://"+addr
	return &through
}

// Through a reverse proxy pages hear of an end within 3 s. By its stream, if the proxy passes
// one on; otherwise they ask, and leave the stream alone.
func TestBrowserStream_Proxies(t *testing.T) {
	t.Parallel()
	nginxWith := func(lines string) func(*testing.T, *server) string {
		return func(t *testing.T, s *server) string {
			return nginx.Start(t, nginx.Config{HTTP: `server { listen ADDRESS; location / {
				proxy_pass http://` + s.addr + `; proxy_set_header Host $http_host; ` + lines + ` } }`})
		}
	}
	const http11 = `proxy_http_version 1.1; proxy_set_header Connection ""; gzip on; gzip_types *; `
	for name, test := range map[string]struct {
		proxy    func(*testing.T, *server) string
		streamed bool
	}{
		"nginx, HTTP/1.1":               {nginxWith(http11), true},
		"nginx, HTTP/1.0":               {nginxWith(``), false},
		"nginx that buffers regardless": {nginxWith(http11 + `proxy_ignore_headers X-Accel-Buffering;`), false},
		"Caddy that compresses":         {compressingCaddy, true},
		"one that passes only the head": {headOnly, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--idle-timeout", "200s")
			a := open(t, s.behind(test.proxy(t, s)), 3*time.Minute)
			a.before(hearing)
			a.cookie(a.s.set())
			a.open("/get/") // the only page, so that there is one stream to count
			if test.streamed {
				a.streaming(0)
			} else {
				a.until("a look", `performance.getEntriesByType('resource').some((e) => e.name.endsWith('/session/'))`)
			}
			looked, streams := a.asked("/session/"), a.asked("/session/stream/")
			time.Sleep(10 * time.Second) // in which pages without a stream ask three times
			switch n := a.asked("/session/") - looked; {
			case test.streamed && n > 0:
				t.Errorf("the page asked %d times beside its stream", n)
			case !test.streamed && (n < 2 || n > 4):
				t.Errorf("the page asked %d times in 10 s; want once in 3 s", n)
			}
			if n := a.asked("/session/stream/") - streams; n > 0 {
				t.Errorf("the page asked for a stream %d more times in 10 s", n)
			}
			ended := a.operatorEnds()
			if test.streamed {
				a.hears(ended, heardWithin)
			} else {
				a.hears(ended, heardWithin+2*time.Second)
			}
			a.forgive("426")
		})
	}
}

// compressingCaddy is Caddy with deploy/Caddyfile, without TLS, that also compresses answers.
func compressingCaddy(t *testing.T, s *server) string {
	c := caddyfile(t, s.addr, "https://"+siteName+":PORT {\n\ttls site.pem site.key", "http://:PORT {\n\tencode gzip")
	return caddy.Start(t, c)
}

// headOnly is a proxy that collects the body of an answer, and sends its head at once.
func headOnly(t *testing.T, s *server) (addr string) {
	to, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(res *http.Response) error {
			if res.Header.Get("Content-Type") == "text/event-stream; charset=utf-8" {
				res.Body = &collected{body: res.Body}
			}
			return nil
		},
		FlushInterval: -1,
	}
	proxy := httptest.NewServer(pass)
	t.Cleanup(proxy.Close)
	return proxy.Listener.Addr().String()
}

// collected is a body that can only be read as a whole.
type collected struct {
	body io.ReadCloser
	all  []byte
	read bool
}

func (c *collected) Read(p []byte) (n int, err error) {
	if !c.read {
		c.all, _ = io.ReadAll(c.body) // what came until the end counts
		c.read = true
	}
	if len(c.all) == 0 {
		return 0, io.EOF
	}
	n = copy(p, c.all)
	c.all = c.all[n:]
	return n, nil
}

func (c *collected) Close() error { return c.body.Close() }
