// Package server runs the HTTP engine: it listens, limits, and stops. It knows
// nothing of sessions; what a request means is the handler's business.
//
// It takes connections before the application is ready: a supervisor sees a living
// process, and a visitor a 503.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// Config is what New needs; all of it has to be set.
type Config struct {
	// Unavailable answers until Ready is called, and on connections beyond
	// Limits.Connections.
	Unavailable fasthttp.RequestHandler
	// Error answers requests that could not be read, with a status from 400 to 431.
	Error  func(ctx *fasthttp.RequestCtx, status int)
	Logger *slog.Logger // gets panics, and warnings about limits
	Limits Limits
}

// Server is one HTTP server on one or more listeners. Its methods may be
// called from any goroutine.
type Server struct {
	Config
	http     *fasthttp.Server
	conns    *connections
	handler  atomic.Pointer[fasthttp.RequestHandler]
	ready    atomic.Bool // Ready was called
	draining atomic.Bool // Draining or Shutdown was called
}

// New returns a server that is starting. It opens nothing.
func New(c Config) *Server {
	s := &Server{Config: c, conns: newConnections(c.Limits, c.Logger), http: newEngine(c.Limits, c.Logger)}
	s.handler.Store(&c.Unavailable)
	s.http.Handler = s.serve
	s.http.ErrorHandler = s.serveError
	return s
}

// Serve answers the connections that ln accepts, until Shutdown; then it returns
// nil and ln is closed. The error is that of a listener that fails for good; a
// shortage of descriptors is waited out.
func (s *Server) Serve(ln net.Listener) error {
	l := s.conns.listen(ln)
	if l == nil { // Shutdown came first
		return ln.Close()
	}
	if err := s.http.Serve(l); err != nil {
		return fmt.Errorf("accept connections on %s: %w", ln.Addr(), err)
	}
	return nil
}

// Shutdown stops accepting, lets requests that have begun be finished, closes
// the idle connections, and returns when none is left. A client gets no more
// than Limits.DrainRead to complete a request it has begun to send.
//
// Connections that are still there when ctx is done are cut, and the error says
// how many; their handlers may still be running. RequestCtx.Done is closed only
// after that, so a handler that streams must watch something else. A second call
// does no harm.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Draining()
	s.conns.drain(time.Now().Add(s.Limits.DrainRead))
	err := s.conns.wait(ctx)
	cut := s.conns.cut()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cutTimeout)
	defer cancel()
	// The engine is told last, when it has nothing left to close: see connections.
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
