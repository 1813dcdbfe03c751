package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// held is a handler whose requests stay in flight until release is called.
type held struct {
	arrived, let chan struct{}
	release      func()
}

func newHeld(t *testing.T) *held {
	h := &held{arrived: make(chan struct{}, 10), let: make(chan struct{})}
	h.release = sync.OnceFunc(func() { close(h.let) })
	t.Cleanup(h.release)
	return h
}

func (h *held) serve(ctx *fasthttp.RequestCtx) {
	if string(ctx.Path()) == "/held" {
		h.arrived <- struct{}{}
		<-h.let
	}
	hello(ctx)
}

const getHeld = "GET /held HTTP/1.1\r\nHost: x\r\n\r\n"

// within waits for a value from c, or fails.
func within[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(testkit.Patience):
		t.Fatalf("%s took longer than %v", what, testkit.Patience)
		panic("unreachable")
	}
}

// stopping calls Shutdown in a goroutine and waits until it has begun.
func (r *running) stopping(t *testing.T, d time.Duration) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- r.stop(d) }()
	if err := within(t, "Serve", r.served); err != nil {
		t.Errorf("Serve() = %v; want nil after Shutdown", err)
	}
	return done
}

func TestShutdown_FinishesWhatIsInFlight(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		h := newHeld(t)
		r := start(t, limited(func(l *server.Limits) { l.DrainRead = time.Hour })) // not what closes the idle one
		r.Ready(h.serve)
		busy, idle := r.dial(t), r.dial(t)
		idle.Ask(get)
		busy.Send(getHeld)
		within(t, "the request", h.arrived)

		done := r.stopping(t, testkit.Patience)
		idle.ExpectClosed() // at once, the busy one notwithstanding
		if r.IsReady() {
			t.Error("IsReady() = true; want false while stopping")
		}
		if c, err := net.Dial("tcp", r.addr); err == nil {
			_ = c.Close()
			t.Error("Dial() = nil; want a new connection refused")
		}
		select {
		case err := <-done:
			t.Fatalf("Shutdown() = %v before the request was answered", err)
		default:
		}
		h.release()
		res := busy.Receive("GET")
		if res.StatusCode != 200 || res.Text != "hello GET /held " || !res.Close {
			t.Errorf("in flight: %d, %q, close %v; want 200, all of it, close", res.StatusCode, res.Text, res.Close)
		}
		busy.ExpectClosed()
		if err := within(t, "Shutdown", done); err != nil {
			t.Errorf("Shutdown() = %v; want nil", err)
		}
		if err := r.stop(testkit.Patience); err != nil {
			t.Errorf("second Shutdown() = %v; want nil", err)
		}
	})
}

// Browsers open connections in advance, and slow clients send half a request. Neither may
// delay a stop until the read timeout, as they do with the engine's own shutdown.
func TestShutdown_DoesNotWaitForClients(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		for _, tc := range []struct{ name, sent string }{
			{"silent", ""},
			{"half a header", "GET / HT"},
			{"half a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"},
			{"half a second request", get + "GET /"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				r := start(t, limited(func(l *server.Limits) { l.DrainRead = 50 * time.Millisecond }))
				r.Ready(hello)
				c := r.dial(t)
				c.Send(tc.sent)
				r.dial(t).Ask(get) // accepted later, so c is, too
				begin := time.Now()
				if err := r.stop(testkit.Patience); err != nil {
					t.Errorf("Shutdown() = %v; want nil", err)
				}
				if took := time.Since(begin); took > promptly {
					t.Errorf("Shutdown() took %v; want the drain limit and little more", took)
				}
			})
		}
	})
}

// A request that arrives when the stop begins is still read and answered.
func TestShutdown_ReadsWhatIsOnItsWay(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, config())
		r.Ready(hello)
		c := r.dial(t)
		c.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
		r.dial(t).Ask(get)
		done := r.stopping(t, testkit.Patience)
		res := c.Ask("def")
		if res.StatusCode != 200 || res.Text != "hello POST / abcdef" || !res.Close {
			t.Errorf("half sent: %d, %q, close %v; want 200, all of it, close", res.StatusCode, res.Text, res.Close)
		}
		if err := within(t, "Shutdown", done); err != nil {
			t.Errorf("Shutdown() = %v; want nil", err)
		}
	})
}

func TestShutdown_CutsAClientThatNeverReads(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		r := start(t, config())
		written := make(chan struct{})
		r.Ready(func(ctx *fasthttp.RequestCtx) {
			ctx.SetBody(make([]byte, 32<<20)) // more than the sockets' buffers take
			close(written)
		})
		c := r.dial(t)
		c.Send(get)
		within(t, "the handler", written)
		begin := time.Now()
		err := r.stop(300 * time.Millisecond)
		took := time.Since(begin)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 connections cut:") {
			t.Errorf("Shutdown() = %v; want 1 connection cut, deadline exceeded", err)
		}
		if took > promptly {
			t.Errorf("Shutdown() took %v; want its deadline and little more", took)
		}
		if n, err := io.Copy(io.Discard, c.Conn); n >= 32<<20 {
			t.Errorf("received %d bytes, %v; want the answer cut", n, err)
		}
	})
}

func TestShutdown_NamesHandlersThatHang(t *testing.T) {
	onBoth(t, func(t *testing.T, start starter) {
		h := newHeld(t)
		r := start(t, config())
		r.Ready(h.serve)
		c := r.dial(t)
		c.Send(getHeld)
		within(t, "the request", h.arrived)
		err := r.stop(50 * time.Millisecond)
		if err == nil || !strings.Contains(err.Error(), "1 connections cut, 1 requests still running") {
			t.Errorf("Shutdown() = %v; want the running request named", err)
		}
		h.release()
		if err := r.stop(testkit.Patience); err != nil {
			t.Errorf("Shutdown() = %v once the handler has returned; want nil", err)
		}
	})
}

func TestShutdown_BeforeServe(t *testing.T) {
	s := server.New(config())
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatalf("Shutdown() = %v; want nil", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(ln); err != nil {
		t.Errorf("Serve() = %v; want nil after Shutdown", err)
	}
	if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept() = %v; want the listener closed", err)
	}
}
