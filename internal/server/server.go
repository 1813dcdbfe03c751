// Package server runs the HTTP engine with limits and an orderly stop. It is independent
// of sessions.
//
// It accepts connections before the application is ready, so a supervisor sees that the
// process lives, and visitors get a 503.
package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// Config configures a Server. All fields but Holds, Network, Finish and Observe have to be set.
type Config struct {
	// Unavailable answers requests until Ready is called, and on connections beyond
	// Limits.Connections.
	Unavailable fasthttp.RequestHandler
	// Holds reports whether a request that comes before Ready waits for it, for some seconds
	// at most, before Unavailable answers it. nil: none waits.
	Holds func(ctx *fasthttp.RequestCtx) bool
	// Error answers requests that could not be read or break a rule, with a status from
	// 400 to 431 or 505.
	Error func(ctx *fasthttp.RequestCtx, status int)
	// Network returns the network that a peer's connections are counted to; the zero
	// Addr if they have no limit but that of all. nil: they have none.
	Network func(peer net.Addr) netip.Addr
	// Finish sees each answer last, and may add headers. nil for nothing.
	Finish fasthttp.RequestHandler
	// Observe is told of each answer after Finish, and must not change it. began is when the
	// request was read; the zero time if it could not be. nil for nothing.
	Observe func(ctx *fasthttp.RequestCtx, began time.Time)
	Logger  *slog.Logger // gets panics and shortages
	Limits  Limits
}

// Server is an HTTP server on one or more listeners. Its methods are safe for concurrent
// use.
type Server struct {
	Config
	http     *fasthttp.Server
	conns    *connections
	handler  atomic.Pointer[fasthttp.RequestHandler]
	hold     hold
	ready    atomic.Bool // Ready was called
	draining atomic.Bool // Draining or Shutdown was called
}

// New returns a server that answers with Unavailable. It does no I/O.
func New(c Config) *Server {
	s := &Server{Config: c, conns: newConnections(c.Limits, c.Network, c.Logger), http: newEngine(c.Limits, c.Logger)}
	s.hold.ended = make(chan struct{})
	s.handler.Store(&c.Unavailable)
	s.http.Handler = s.serve
	s.http.ErrorHandler = s.serveError
	return s
}

// Serve answers the connections of ln until Shutdown, which closes ln; then it returns nil.
// It returns an error if the listener fails for good. After a shortage of file
// descriptors it tries again.
func (s *Server) Serve(ln net.Listener) error { return s.ServeTLS(ln, nil) }

// ServeTLS is Serve for connections with TLS; nil is plain HTTP. The server speaks
// HTTP/1.1 only: see TLSConfig.
func (s *Server) ServeTLS(ln net.Listener, secure *tls.Config) error {
	l := s.conns.listen(ln, secure)
	if l == nil { // Shutdown came first
		return ln.Close()
	}
	if err := s.http.Serve(l); err != nil {
		return fmt.Errorf("accept connections on %s: %w", ln.Addr(), err)
	}
	return nil
}

// Shutdown accepts the connections that are made already, and then no more. Of a listener
// whose method StaysOpen() is true it accepts none: they wait for the next server, and idle
// connections have Limits.DrainIdle for a last request. It finishes
// running requests, closes idle connections, and returns when no connection is left. A client
// has Limits.DrainRead to complete a request that it has begun to send.
//
// It ends streams (see Detach) at once, and gives them Limits.DrainRead to send their end.
//
// When ctx is done, Shutdown cuts the remaining connections. The error says how many;
// their handlers may still run. RequestCtx.Done is closed only after that, so a streaming
// handler must watch something else. A second call is harmless.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Draining()
	if s.conns.retire() {
		s.conns.awaitLast(ctx)
	}
	s.conns.drain(time.Now().Add(s.Limits.DrainRead))
	err := s.conns.wait(ctx)
	s.conns.waitStreams(ctx)
	cut := s.conns.cut()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cutTimeout)
	defer cancel()
	// The engine comes last, when it has nothing left to close: see connections.
	_ = s.http.ShutdownWithContext(last)
	running := s.conns.wait(last) != nil
	switch {
	case running:
		return fmt.Errorf("stop serving: %d connections cut, %d requests still running: %w", cut, s.conns.open(), err)
	case cut > 0:
		return fmt.Errorf("stop serving: %d connections cut: %w", cut, err)
	}
	return nil
}
