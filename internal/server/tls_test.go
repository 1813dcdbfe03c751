package server_test

import (
	"crypto/tls"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// Handlers see that a connection has TLS. It is TLS 1.2 or later, and HTTP/1.1.
func TestTLS_Agreed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		client func(*tls.Config)
		want   uint16 // version; 0: refused
	}{
		{"1.3", func(*tls.Config) {}, tls.VersionTLS13},
		{"1.2", func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, tls.VersionTLS12},
		{"1.1", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, 0},
		{"1.2 with CBC only", func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA}
		}, 0},
		{"HTTP/2 or 1.1", func(c *tls.Config) { c.NextProtos = []string{"h2", "http/1.1"} }, tls.VersionTLS13},
		{"HTTP/2 only", func(c *tls.Config) { c.NextProtos = []string{"h2"} }, 0},
	} {
		r := startTLS(t, config())
		r.Ready(func(ctx *fasthttp.RequestCtx) {
			if !ctx.IsTLS() || ctx.TLSConnectionState().Version != tc.want || string(ctx.URI().Scheme()) != "https" {
				t.Errorf("%s: IsTLS() = %v, %+v", tc.name, ctx.IsTLS(), ctx.TLSConnectionState())
			}
			hello(ctx)
		})
		tc.client(r.secure)
		c := r.dial(t)
		secure := c.Conn.(*tls.Conn)
		if err := secure.Handshake(); (err == nil) != (tc.want != 0) {
			t.Errorf("%s: Handshake() = %v; want version %x", tc.name, err, tc.want)
		}
		if tc.want == 0 {
			continue
		}
		c.Ask(get).Wants(200, "hello GET / ")
		if p := secure.ConnectionState().NegotiatedProtocol; p != "" && p != "http/1.1" {
			t.Errorf("%s: protocol %q; want http/1.1", tc.name, p)
		}
	}
}

// A browser that says http:// to the port is told so, and other noise is closed. Neither
// is logged above debug.
func TestTLS_RefusesPlainHTTP(t *testing.T) {
	c := config()
	log := new(testkit.Log)
	c.Logger = slog.New(slog.NewTextHandler(log, nil))
	r := startTLS(t, c)
	r.Ready(hello)
	for _, raw := range []string{get, "POST /admin/ HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + strings.Repeat("x", 500000)} {
		plain := testkit.Dial(t, r.addr)
		if res := plain.Ask(raw); res.StatusCode != 400 || !res.Close || res.Text != "This port speaks https. Use https:// instead.\n" {
			t.Errorf("%.10q: %d, %q, close %v; want 400, that the port speaks https, close", raw, res.StatusCode, res.Text, res.Close)
		}
		plain.ExpectClosed()
	}
	noise := testkit.Dial(t, r.addr)
	noise.Send("SSH-2.0-x\r\n")
	noise.ExpectClosed()
	strange := testkit.DialTLS(t, r.addr, &tls.Config{ServerName: "localhost"}) // trusts others
	if err := strange.Conn.(*tls.Conn).Handshake(); err == nil {
		t.Error("Handshake() = nil with a certificate that is not trusted")
	}
	r.dial(t).Ask(get).Wants(200)
	if log.String() != "" {
		t.Errorf("log: %s; want nothing", log)
	}
}

// A client that does not make its handshake holds no other client up, and no longer than
// the read limit.
func TestTLS_SilentClients(t *testing.T) {
	r := startTLS(t, limited(func(l *server.Limits) { l.Read = time.Second }))
	r.Ready(hello)
	var silent []*testkit.Conn
	begin := time.Now()
	for _, sent := range []string{"", "\x16\x03\x01\x02\x00", "\x16"} {
		c := testkit.Dial(t, r.addr)
		c.Send(sent)
		silent = append(silent, c)
	}
	r.dial(t).Ask(get).Wants(200)
	for _, c := range silent {
		c.ExpectClosed()
	}
	if took := time.Since(begin); took > time.Second+promptly {
		t.Errorf("closed after %v; want 1 s", took)
	}
}

// A stop does not wait for clients that do not make their handshake.
func TestTLS_StopDuringHandshakes(t *testing.T) {
	r := startTLS(t, limited(func(l *server.Limits) { l.DrainRead = 50 * time.Millisecond }))
	r.Ready(hello)
	for range 3 {
		testkit.Dial(t, r.addr).Send("\x16\x03\x01")
	}
	r.dial(t).Ask(get)
	begin := time.Now()
	if err := r.stop(testkit.Patience); err != nil {
		t.Errorf("Shutdown() = %v; want nil", err)
	}
	if took := time.Since(begin); took > promptly {
		t.Errorf("Shutdown() took %v; want the drain limit and little more", took)
	}
}

// A stop ends a handshake that waits for something else than its client, such as a
// certificate that is being ordered.
func TestTLS_StopWhileACertificateIsOrdered(t *testing.T) {
	asked := make(chan struct{})
	secure := server.TLSConfig(func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		close(asked)
		<-hello.Context().Done()
		return nil, hello.Context().Err()
	})
	r := serveOn(t, limited(func(l *server.Limits) { l.DrainRead = 50 * time.Millisecond }), secure, &tls.Config{ServerName: "localhost"})
	c := r.dial(t)
	go func() { _ = c.Conn.(*tls.Conn).Handshake() }()
	within(t, "the handshake", asked)
	begin := time.Now()
	if err := r.stop(testkit.Patience); err != nil {
		t.Errorf("Shutdown() = %v; want nil", err)
	}
	if took := time.Since(begin); took > promptly {
		t.Errorf("Shutdown() took %v; want the drain limit and little more", took)
	}
}

// Connections are counted before their handshake. Beyond the limit they get a 503, and
// beyond the overflow they are closed.
func TestTLS_Connections(t *testing.T) {
	r := startTLS(t, limited(func(l *server.Limits) { l.Connections, l.Overflow = 2, 1 }))
	r.Ready(hello)
	silent := testkit.Dial(t, r.addr)
	r.dial(t).Ask(get).Wants(200)
	surplus := r.dial(t)
	surplus.Conn.(*tls.Conn).Handshake()
	turned := testkit.Dial(t, r.addr)
	if b, err := turned.In.ReadByte(); err == nil {
		t.Errorf("beyond the overflow: read %q; want the connection closed", b)
	}
	if res := surplus.Ask(get); res.StatusCode != 503 || !res.Close {
		t.Errorf("beyond the limit: %d, close %v; want 503, close", res.StatusCode, res.Close)
	}
	_ = silent.Close()
}

// Finish sees each answer, whatever made it.
func TestServer_Finish(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		c := limited(func(l *server.Limits) { l.Connections, l.Overflow = 4, 1 })
		c.Finish = func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("X-Finished", "yes") }
		r := start(t, c)
		check := func(raw string, status int) {
			t.Helper()
			if res := r.dial(t).Ask(raw); res.StatusCode != status || res.Header.Get("X-Finished") != "yes" {
				t.Errorf("%.20q: %d, %v; want %d and the header", raw, res.StatusCode, res.Header, status)
			}
		}
		check(get, 503)
		r.Ready(func(*fasthttp.RequestCtx) { panic("x") })
		check(get, 500)
		check("GET /\r\n\r\n", 400)
	})
}
