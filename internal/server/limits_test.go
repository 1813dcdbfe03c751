package server_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

func TestDefaultLimits_Documented(t *testing.T) {
	want := server.Limits{
		Header: 8192, Body: 32768,
		Read: 10 * time.Second, Write: 10 * time.Second, Idle: 75 * time.Second,
		Connections: 10_000, Overflow: 1_000, ForNetwork: 200, Streams: 20_000, Unacknowledged: time.Minute, DrainRead: time.Second,
		DrainIdle: 500 * time.Millisecond,
	}
	if got := server.DefaultLimits(); got != want {
		t.Errorf("DefaultLimits() = %+v; want %+v", got, want)
	}
}

// short is a limit that a test can wait for. promptly is what it allows on top, on a busy
// machine: the limits that must not count instead are 10 s and more.
const (
	short    = 100 * time.Millisecond
	promptly = 5 * time.Second
)

func TestLimits_Read(t *testing.T) {
	for _, tc := range []struct {
		name, sent, drip string
		status           int
	}{
		{"nothing", "", "", 408},
		{"half a header", "GET / HTTP/1.1\r\nHost", "", 408},
		{"header byte by byte", "GET / HTTP/1.1\r\nHost: x\r\nX: ", "x", 408},
		{"half a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", "", 408},
		{"body byte by byte", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n", "x", 408},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := start(t, limited(func(l *server.Limits) { l.Read = short }))
			r.Ready(hello)
			c := r.dial(t)
			begin := time.Now()
			c.Send(tc.sent)
			if tc.drip != "" {
				stop := drip(c.Conn, tc.drip)
				defer stop()
			}
			res := c.Receive("GET")
			if res.StatusCode != tc.status || !res.Close {
				t.Errorf("status = %d, close %v; want %d, close", res.StatusCode, res.Close, tc.status)
			}
			if took := time.Since(begin); took < short/2 || took > short+promptly {
				t.Errorf("answered after %v; want %v", took, short)
			}
		})
	}
}

// drip sends s again and again until the returned function is called.
func drip(c net.Conn, s string) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-quit:
				return
			case <-time.After(short / 10):
				if _, err := io.WriteString(c, s); err != nil {
					return
				}
			}
		}
	}()
	return func() { close(quit); <-done }
}

func TestLimits_Idle(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, limited(func(l *server.Limits) { l.Idle = short }))
		r.Ready(hello)
		c := r.dial(t)
		c.Ask(get)
		begin := time.Now()
		c.ExpectClosed()
		if took := time.Since(begin); took < short/2 || took > short+promptly {
			t.Errorf("closed after %v; want %v", took, short)
		}
	})
}

func TestLimits_Write(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, limited(func(l *server.Limits) { l.Write = short }))
		r.Ready(func(ctx *fasthttp.RequestCtx) { ctx.SetBody(make([]byte, 32<<20)) })
		c := r.dial(t)
		c.Send(get)
		for { // without reading; writes fail once the server has gone
			if _, err := io.WriteString(c.Conn, "x"); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("not cut within %v; want %v", testkit.Patience, short)
			} else if err != nil {
				return
			}
			time.Sleep(short / 10)
		}
	})
}

// Each answer has its own time limit, also a short one.
func TestLimits_WriteOfTheNextAnswer(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, limited(func(l *server.Limits) { l.Write = short }))
		r.Ready(hello)
		c := r.dial(t)
		for range 3 {
			if res := c.Ask(get); res.StatusCode != 200 {
				t.Errorf("status = %d; want 200", res.StatusCode)
			}
			time.Sleep(short + short/2)
		}
	})
}

// A network beyond its limit gets a 429, others are served, and a place that is free again
// counts.
func TestLimits_ForNetwork(t *testing.T) {
	cfg := limited(func(l *server.Limits) { l.ForNetwork = 2 })
	var network atomic.Pointer[netip.Addr]
	cfg.Network = func(net.Addr) netip.Addr { return *network.Load() }
	from := func(s string) { a := netip.MustParseAddr(s); network.Store(&a) }
	r := start(t, cfg)
	r.Ready(hello)
	served := func() *testkit.Conn {
		t.Helper()
		c := r.dial(t)
		if res := c.Ask(get); res.StatusCode != 200 {
			t.Fatalf("status = %d; want 200", res.StatusCode)
		}
		return c
	}
	from("203.0.113.7")
	first, _ := served(), served()
	third := r.dial(t)
	res := third.Receive("GET") // unasked
	if res.StatusCode != 429 || res.Header.Get("Retry-After") != "1" || !res.Close {
		t.Errorf("the third of a network: %d, %v; want 429, Retry-After, close", res.StatusCode, res.Header)
	}
	assertPlain(t, "the third of a network", res)
	if got := r.Stats(); got.Connections != 2 || got.OfNetwork != 2 || got.RefusedOfNetwork != 1 || got.Refused != 0 {
		t.Errorf("Stats() = %+v; want 2 connections of one network, and one refused", got)
	}
	from("203.0.113.8")
	served()
	network.Store(&netip.Addr{}) // exempt
	for range 4 {
		served()
	}
	from("203.0.113.7")
	_ = first.Close()
	for r.dial(t).Ask(get).StatusCode != 200 { // the server has yet to see the close
		runtime.Gosched()
	}
}

// Beyond the limit a client gets the same 503, while liveness probes get through, and
// clients within the limit are served.
func TestLimits_Connections(t *testing.T) {
	r := start(t, limited(func(l *server.Limits) { l.Connections = 2; l.Overflow = 1 }))
	r.Ready(hello)
	first, second := r.dial(t), r.dial(t)
	for _, c := range []*testkit.Conn{first, second} {
		if res := c.Ask(get); res.StatusCode != 200 {
			t.Fatalf("within the limit: status = %d; want 200", res.StatusCode)
		}
	}
	surplus := r.dial(t)
	if res := surplus.Ask(get); res.StatusCode != 503 || res.Text != "come back later" || !res.Close {
		t.Errorf("over the limit: %d, %q, close %v; want 503, come back later, close", res.StatusCode, res.Text, res.Close)
	}
	surplus.ExpectClosed()
	probe := r.dial(t)
	if res := probe.Ask("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"); res.StatusCode != 200 || res.Text != "ok" {
		t.Errorf("probe over the limit: %d, %q; want 200, ok", res.StatusCode, res.Text)
	}
	probe.ExpectClosed()

	silent := r.dial(t) // takes the only place of the overflow
	last := r.dial(t)
	res := last.Receive("GET") // unasked, since the server reads no request
	if res.StatusCode != 503 || res.Header.Get("Retry-After") != "1" || !res.Close {
		t.Errorf("over the overflow: %d, %v; want 503, Retry-After, close", res.StatusCode, res.Header)
	}
	assertPlain(t, "over the overflow", res)
	if got := r.Stats(); got.Refused != 4 { // the surplus, the probe, the silent one and the last one
		t.Errorf("Stats() = %+v; want 4 refused", got)
	}
	last.ExpectClosed()

	for _, c := range []*testkit.Conn{first, second} {
		if res := c.Ask(get); res.StatusCode != 200 {
			t.Errorf("within the limit, later: status = %d; want 200", res.StatusCode)
		}
		_ = c.Close()
	}
	_ = silent.Close()
	r.waitForRoom(t)
}

// waitForRoom sends requests until the server has noticed the closed connections.
func (r *running) waitForRoom(t *testing.T) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < testkit.Patience; time.Sleep(time.Millisecond) {
		if res, err := http.Get("http://" + r.addr + "/"); err == nil {
			_ = res.Body.Close()
			http.DefaultClient.CloseIdleConnections()
			if res.StatusCode == 200 {
				return
			}
		}
	}
	t.Errorf("no 200 within %v after everybody left", testkit.Patience)
}
