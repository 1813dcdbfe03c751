package session

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// A desk is a request of nobody's, for a session object to work on. Between two
// works it is empty. Of Fiber's context the object uses only what leads to the
// request, so it is made once.
type desk struct {
	request *fasthttp.RequestCtx
	ctx     *fiber.Ctx
}

func (p *Policy) desk(app *fiber.App) *desk {
	if d, ok := p.desks.Get().(*desk); ok {
		return d
	}
	request := new(fasthttp.RequestCtx)
	return &desk{request, app.AcquireCtx(request)}
}

// leave clears a desk for the next work.
func (p *Policy) leave(d *desk) {
	d.request.Request.Header.Reset()
	d.request.Response.Header.Reset()
	d.request.ResetUserValues()
	p.desks.Put(d)
}
