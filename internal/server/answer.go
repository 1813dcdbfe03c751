package server

import (
	"errors"
	"net"

	"github.com/valyala/fasthttp"
)

// ErrorStatus is the status for an error of the engine: 431 for too large a
// header, 413 for too large a body, 408 for a request that did not come in time,
// 400 for everything else.
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

// answer writes text as a page that browsers neither interpret nor keep.
func answer(ctx *fasthttp.RequestCtx, status int, text string) {
	h := &ctx.Response.Header
	h.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	h.Set(fasthttp.HeaderCacheControl, "no-store")
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetStatusCode(status)
	ctx.SetBodyString(text)
}
