package server

import (
	"errors"
	"net"

	"github.com/valyala/fasthttp"
)

// ErrorStatus returns the status for an error of the engine: 431 for a header that is too
// large, 413 for a body that is too large, 408 for a request that took too long to
// arrive, else 400.
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

// answer answers with plain text that browsers show literally and keep out of caches.
func answer(ctx *fasthttp.RequestCtx, status int, text string) {
	h := &ctx.Response.Header
	h.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	h.Set(fasthttp.HeaderCacheControl, "no-store")
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetStatusCode(status)
	ctx.SetBodyString(text)
}
