package fiberv2

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// A scratch context is an empty request for Fiber's session object to work on. It is
// reused. That is safe because the object uses only the request in Fiber's context.
type scratch struct {
	request *fasthttp.RequestCtx
	ctx     *fiber.Ctx
}

// scratch returns an empty scratch context.
func (s *Sessions) scratch(app *fiber.App) *scratch {
	if used, ok := s.scratches.Get().(*scratch); ok {
		return used
	}
	request := new(fasthttp.RequestCtx)
	return &scratch{request, app.AcquireCtx(request)}
}

// release clears a scratch context for the next change.
func (s *Sessions) release(used *scratch) {
	used.request.Request.Header.Reset()
	used.request.Response.Header.Reset()
	used.request.ResetUserValues()
	s.scratches.Put(used)
}
