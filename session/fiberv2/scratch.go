package fiberv2

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// A scratch context is a request that no visitor sent, for a session object to
// work on. It is empty between two changes. Of Fiber's context the object uses
// only what leads to the request, so it is made once.
type scratch struct {
	request *fasthttp.RequestCtx
	ctx     *fiber.Ctx
}

func (s *Sessions) scratch(app *fiber.App) *scratch {
	if d, ok := s.scratches.Get().(*scratch); ok {
		return d
	}
	request := new(fasthttp.RequestCtx)
	return &scratch{request, app.AcquireCtx(request)}
}

// release clears a scratch context for the next change.
func (s *Sessions) release(d *scratch) {
	d.request.Request.Header.Reset()
	d.request.Response.Header.Reset()
	d.request.ResetUserValues()
	s.scratches.Put(d)
}
