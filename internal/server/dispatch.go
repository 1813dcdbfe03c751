package server

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/valyala/fasthttp"
)

// Ready makes h answer all further requests.
func (s *Server) Ready(h fasthttp.RequestHandler) {
	s.handler.Store(&h)
	s.ready.Store(true)
	s.hold.end()
}

// Draining makes IsReady false, so load balancers stop sending visitors. The server still
// answers requests; each is the last one of its connection.
func (s *Server) Draining() {
	s.draining.Store(true)
	s.hold.end()
}

// IsReady reports whether load balancers should send new visitors: from Ready until
// Draining or Shutdown.
func (s *Server) IsReady() bool { return s.ready.Load() && !s.draining.Load() }

// IsDraining reports whether Draining or Shutdown was called.
func (s *Server) IsDraining() bool { return s.draining.Load() }

// serve answers the requests that the engine could read.
func (s *Server) serve(ctx *fasthttp.RequestCtx) {
	defer s.finish(ctx, ctx.Time())
	defer s.recoverPanic(ctx)
	c := unwrap(ctx.Conn())
	if c != nil {
		c.watch.handled = true
	}
	status := headStatus(&ctx.Request.Header)
	switch {
	case status != 0:
		s.refuse(ctx, status)
	case c != nil && c.surplus:
		s.Unavailable(ctx)
		ctx.SetConnectionClose()
	default:
		dropTrailers(&ctx.Request.Header)
		s.awaitReady(ctx)
		(*s.handler.Load())(ctx)
	}
	if s.draining.Load() {
		ctx.SetConnectionClose() // the client sends its next request to another server
	}
}

// serveError answers the requests that the engine could not read. The engine has forgotten
// their method, and closes the connection.
func (s *Server) serveError(ctx *fasthttp.RequestCtx, err error) {
	defer s.finish(ctx, time.Time{}) // the engine's time is that of the request before
	defer func() {                   // after the answer, which begins with a reset
		c := unwrap(ctx.Conn())
		ctx.Response.SkipBody = c != nil && c.watch.isHead()
	}()
	defer s.recoverPanic(ctx)
	s.refuse(ctx, ErrorStatus(err))
}

// refuse answers a request that breaks a rule and closes the connection. Where the request
// ends is unknown, so the client may still be sending.
func (s *Server) refuse(ctx *fasthttp.RequestCtx, status int) {
	if c := unwrap(ctx.Conn()); c != nil && status != fasthttp.StatusRequestTimeout {
		c.linger.Store(true)
	}
	s.Error(ctx, status)
	ctx.SetConnectionClose()
}

// finish calls Config.Finish and Config.Observe, also after a panic.
func (s *Server) finish(ctx *fasthttp.RequestCtx, began time.Time) {
	if s.Finish != nil {
		s.Finish(ctx)
	}
	if _, own := ctx.Conn().(memoryConn); s.Observe != nil && !own {
		s.Observe(ctx, began)
	}
}

// recoverPanic answers a panic with a plain 500 and logs it with its stack. Of the request
// it logs only the method: a path can name a session, and the stack tells the place. It
// closes the connection, whose state is unknown.
func (s *Server) recoverPanic(ctx *fasthttp.RequestCtx) {
	p := recover()
	if p == nil {
		return
	}
	s.Logger.Error("request handler panicked",
		"panic", fmt.Sprint(p),
		"method", fmt.Sprintf("%.200s", ctx.Method()),
		"stack", string(debug.Stack()))
	ctx.Response.Reset()
	answer(ctx, fasthttp.StatusInternalServerError, "Something went wrong here. Please try again.")
	ctx.SetConnectionClose()
}
