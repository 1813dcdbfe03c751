package server

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/sys/unix"

	"pagesession/internal/testkit"
)

// A stream's connection has the limit for a client that vanishes; others have the system's.
func TestDetach_EndsIfDead(t *testing.T) {
	own := testkit.NewCertificate(t, time.Now().Add(time.Hour), "localhost")
	for _, secure := range []bool{false, true} {
		limits := DefaultLimits()
		limits.Unacknowledged = 1234 * time.Millisecond
		s := New(Config{Unavailable: func(*fasthttp.RequestCtx) {}, Error: func(*fasthttp.RequestCtx, int) {}, Logger: slog.New(slog.DiscardHandler), Limits: limits})
		option := make(chan int, 2)
		s.Ready(func(ctx *fasthttp.RequestCtx) {
			c := unwrap(ctx.Conn())
			option <- userTimeout(t, c.Conn)
			_ = Detach(ctx, netip.Addr{}, func(*Push) {})
			option <- userTimeout(t, c.Conn)
		})
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		client := own.Trusted("localhost")
		if secure {
			go func() { served <- s.ServeTLS(ln, TLSConfig(own.Get)) }()
		} else {
			client = nil
			go func() { served <- s.Serve(ln) }()
		}
		testkit.DialTLS(t, ln.Addr().String(), client).Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").Wants(200)
		if before, after := <-option, <-option; before != 0 || after != 1234 {
			t.Errorf("TLS %v: TCP_USER_TIMEOUT is %d, then %d; want 0, then 1234", secure, before, after)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		<-served
	}
}

// userTimeout returns the option of a connection, in milliseconds.
func userTimeout(t *testing.T, c net.Conn) (ms int) {
	if inner, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = inner.NetConn()
	}
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { ms, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT) })
	}
	if err != nil {
		t.Error(err)
	}
	return ms
}
