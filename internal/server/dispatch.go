package server

import (
	"fmt"
	"runtime/debug"

	"github.com/valyala/fasthttp"
)

// Ready gives all further requests to h.
func (s *Server) Ready(h fasthttp.RequestHandler) {
	s.handler.Store(&h)
	s.ready.Store(true)
}

// Draining makes IsReady false for good, for load balancers. Requests are still
// answered, each as its connection's last.
func (s *Server) Draining() { s.draining.Store(true) }

// IsReady reports whether new visitors should be sent here: after Ready and
// before Draining or Shutdown.
func (s *Server) IsReady() bool { return s.ready.Load() && !s.draining.Load() }

// serve is the way of every request that could be read.
func (s *Server) serve(ctx *fasthttp.RequestCtx) {
	defer s.recoverPanic(ctx)
	c, ok := ctx.Conn().(*conn)
	switch {
	case ok && c.surplus:
		s.Unavailable(ctx)
		ctx.SetConnectionClose()
	case ambiguous(ctx.Request.Header.RawHeaders()):
		s.Error(ctx, fasthttp.StatusBadRequest)
		ctx.SetConnectionClose()
	default:
		(*s.handler.Load())(ctx)
	}
	if s.draining.Load() {
		ctx.SetConnectionClose() // the next request must go elsewhere
	}
}

// serveError is the way of every request that could not be read. The engine
// closes the connection after it.
func (s *Server) serveError(ctx *fasthttp.RequestCtx, err error) {
	defer s.recoverPanic(ctx)
	status := ErrorStatus(err)
	if c, ok := ctx.Conn().(*conn); ok && status != fasthttp.StatusRequestTimeout {
		c.linger.Store(true) // the client may still be sending
	}
	s.Error(ctx, status)
}

// recoverPanic turns a panic into a 500 that tells nothing, and logs it with
// its stack; of the request only method and path. The connection ends, because its
// state is unknown.
func (s *Server) recoverPanic(ctx *fasthttp.RequestCtx) {
	p := recover()
	if p == nil {
		return
	}
	s.Logger.Error("a request handler panicked",
		"panic", fmt.Sprint(p),
		"method", fmt.Sprintf("%.200s", ctx.Method()),
		"path", fmt.Sprintf("%.200s", ctx.Path()),
		"stack", string(debug.Stack()))
	ctx.Response.Reset()
	answer(ctx, fasthttp.StatusInternalServerError, "Something went wrong here. Please try again.")
	ctx.SetConnectionClose()
}
