package app

import "github.com/valyala/fasthttp"

// below puts a handler below the base path. What is outside of it is a 404.
func (a *app) below(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return a.cfg.BasePath.Handler(next, func(ctx *fasthttp.RequestCtx) {
		a.fallback.Answer(ctx, fasthttp.StatusNotFound)
	})
}
