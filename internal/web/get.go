package web

import (
	"github.com/gofiber/fiber/v2"

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
	return c.Render("get", &getPage{
		Name:  nameOf(view),
		Age:   counted(wholeSeconds(view.IdleTimeout), "second"),
		Clock: newClock(view),
	})
}

func (s *site) look(c *fiber.Ctx) session.View {
	if c.Method() == fiber.MethodHead {
		return s.sessions.Peek(c)
	}
	return s.sessions.Refresh(c)
}
