package server

import (
	"io"
	"net"

	"github.com/valyala/fasthttp"
)

// Stream answers with body, whose Read may wait for more, and closes it in the end. The
// connection then ends, too. Clients of HTTP/1.0 cannot read chunks; for them the end of the
// connection is the end of the body. A client that vanishes is noticed as with Detach.
func Stream(ctx *fasthttp.RequestCtx, body io.ReadCloser) {
	if c := unwrap(ctx.Conn()); c != nil {
		c.endIfDead()
	}
	ctx.SetBodyStream(body, -1) // the engine closes it with the answer, in every case
	ctx.SetConnectionClose()
	if ctx.Request.Header.IsHTTP11() {
		return
	}
	// The engine sends a body of unknown length only in chunks, so this writes the answer.
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(c net.Conn) {
		defer c.Close()
		h := &ctx.Response.Header
		h.Del(fasthttp.HeaderTransferEncoding)
		h.SetContentLength(-2) // until the connection ends
		if _, err := c.Write(h.Header()); err == nil {
			_, _ = io.Copy(c, body) // an error is the client's end, or the server's
		}
	})
}
