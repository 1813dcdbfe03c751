package session

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// A scratch context is a request that no visitor sent, for a session object to
// work on. It is empty between two updates. Of Fiber's context the object uses
// only what leads to the request, so it is made once.
type scratch struct {
	request *fasthttp.RequestCtx
	ctx     *fiber.Ctx
}

func (p *Policy) scratch(app *fiber.App) *scratch {
	if s, ok := p.scratches.Get().(*scratch); ok {
		return s
	}
	request := new(fasthttp.RequestCtx)
	return &scratch{request, app.AcquireCtx(request)}
}

// release clears a scratch context for the next update.
func (p *Policy) release(s *scratch) {
	s.request.Request.Header.Reset()
	s.request.Response.Header.Reset()
	s.request.ResetUserValues()
	p.scratches.Put(s)
}
