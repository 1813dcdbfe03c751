package server

import (
	"errors"
	"net"

	"github.com/valyala/fasthttp"
)

// retryAfter is how long a client is told to wait after a 503, in seconds:
// the shortest that the header can say, since starting takes about that long.
const retryAfter = "1"

// unavailable returns the handler of a server that cannot serve now, because
// it is what state says. /livez is answered all the same: a supervisor that
// restarts a busy server makes matters worse.
func unavailable(state string) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if (ctx.IsGet() || ctx.IsHead()) && string(ctx.Path()) == "/livez" {
			answer(ctx, fasthttp.StatusOK, "ok")
			return
		}
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, retryAfter)
		answer(ctx, fasthttp.StatusServiceUnavailable, "The server is "+state+". Please try again in a moment.")
	}
}

// plainError is the ErrorHandler for want of a better one.
func plainError(ctx *fasthttp.RequestCtx, err error) {
	status := ErrorStatus(err)
	answer(ctx, status, fasthttp.StatusMessage(status))
}

// ErrorStatus is the status for err, which an ErrorHandler got: 431 for too
// large a header, 413 for too large a body, 408 for a request that did not
// come in time, 400 for everything else.
func ErrorStatus(err error) int {
	var header *fasthttp.ErrSmallBuffer
	var network net.Error
	switch {
	case errors.As(err, &header):
		return fasthttp.StatusRequestHeaderFieldsTooLarge
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return fasthttp.StatusRequestEntityTooLarge
	case errors.As(err, &network) && network.Timeout():
		return fasthttp.StatusRequestTimeout
	}
	return fasthttp.StatusBadRequest
}

// answer writes text as a page that no browser interprets and nobody keeps.
func answer(ctx *fasthttp.RequestCtx, status int, text string) {
	h := &ctx.Response.Header
	h.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	h.Set(fasthttp.HeaderCacheControl, "no-store")
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetStatusCode(status)
	ctx.SetBodyString(text)
}
