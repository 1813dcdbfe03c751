package web

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
	html "github.com/gofiber/template/html/v2"

	"pagesession/internal/session"
)

type getPage struct {
	Name  string
	Age   string // of the session cookie: what every look grants
	Clock *clock
}

// get answers /get/: a look at the session, which starts its time again. HEAD
// only peeks. Without a live session it says what became of it, with a 200 as
// the original does.
func (s *site) get(c *fiber.Ctx) error {
	view := s.look(c)
	if !view.Live() {
		return s.gone(c, view)
	}
	if s.getStencil == nil || !hasClock(view) {
		age := counted(wholeSeconds(view.IdleTimeout), "second")
		return c.Render("get", &getPage{Name: nameOf(view), Age: age, Clock: newClock(view)})
	}
	v := s.getStencil.begin()
	v.add(nameOf(view))
	v.addSeconds(wholeSeconds(view.IdleTimeout))
	v.addClock(view)
	return s.getStencil.answer(c, v)
}

func (s *site) look(c *fiber.Ctx) session.View {
	if c.Method() == fiber.MethodHead {
		return s.sessions.Peek(c)
	}
	return s.sessions.Refresh(c)
}

// newGetStencil cuts the page of a session that has an end.
func newGetStencil(engine *html.Engine) (*stencil, error) {
	return newStencil(2+clockValues, func(v []string) ([]byte, error) {
		var b bytes.Buffer
		err := engine.Render(&b, "get", &getPage{Name: v[0], Age: v[1], Clock: clockOf(v[2:])})
		return b.Bytes(), err
	})
}
