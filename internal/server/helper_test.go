package server_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind. The engine's clock for Date headers
// runs until the process ends, and is allowed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// running is a server under test.
type running struct {
	*server.Server
	addr   string
	secure *tls.Config // of its clients; nil for plain HTTP
	served chan error  // what Serve returned
}

// config returns a Config with plain text pages.
func config() server.Config {
	return server.Config{
		Unavailable: unavailable,
		Error:       func(ctx *fasthttp.RequestCtx, status int) { ctx.Error(fasthttp.StatusMessage(status), status) },
		Logger:      slog.New(slog.DiscardHandler),
		Limits:      server.DefaultLimits(),
	}
}

// limited is config with other limits.
func limited(set func(*server.Limits)) server.Config {
	c := config()
	set(&c.Limits)
	return c
}

// unavailable is the answer of a server that is full or not ready.
func unavailable(ctx *fasthttp.RequestCtx) {
	if string(ctx.Path()) == "/livez" {
		ctx.SetBodyString("ok")
		return
	}
	ctx.Error("come back later", 503)
}

// A starter serves c on a free port until the test ends.
type starter func(t *testing.T, c server.Config) *running

// onBoth runs a test with plain HTTP and with TLS.
func onBoth(t *testing.T, test func(t *testing.T, start starter)) {
	t.Run("plain", func(t *testing.T) { test(t, start) })
	t.Run("tls", func(t *testing.T) { test(t, startTLS) })
}

// start is the starter for plain HTTP.
func start(t *testing.T, c server.Config) *running {
	t.Helper()
	return serveOn(t, c, nil, nil)
}

// startTLS is the starter for TLS.
func startTLS(t *testing.T, c server.Config) *running {
	t.Helper()
	own := testkit.NewCertificate(t, time.Now().Add(time.Hour), "localhost")
	return serveOn(t, c, server.TLSConfig(own.Get), own.Trusted("localhost"))
}

func serveOn(t *testing.T, c server.Config, secure, clients *tls.Config) *running {
	t.Helper()
	var plain net.ListenConfig
	plain.SetMultipathTCP(false) // as package listen does
	ln, err := plain.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("Listen() = %v", err)
	}
	r := &running{Server: server.New(c), addr: ln.Addr().String(), secure: clients, served: make(chan error, 1)}
	go func() { r.served <- r.ServeTLS(ln, secure) }()
	t.Cleanup(func() {
		if err := r.stop(testkit.Patience); err != nil {
			t.Errorf("Shutdown() = %v", err)
		}
	})
	return r
}

// stop shuts down within d.
func (r *running) stop(d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return r.Shutdown(ctx)
}

// dial connects, for as long as the test runs.
func (r *running) dial(t *testing.T) *testkit.Conn {
	t.Helper()
	return testkit.DialTLS(t, r.addr, r.secure)
}

// hello is a handler that answers with the request.
func hello(ctx *fasthttp.RequestCtx) {
	ctx.SetBodyString("hello " + string(ctx.Method()) + " " + string(ctx.RequestURI()) + " " + string(ctx.PostBody()))
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
