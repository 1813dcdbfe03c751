package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
)

type homePage struct {
	notices
	Lives       string
	Live, Ended bool
	Name, Why   string
	Clock       *clock
}

// home answers GET and HEAD /: what this is, and how the session stands. It
// only watches; being here is not a look at the session.
func (s *site) home(c *fiber.Ctx) error {
	view := s.sessions.Peek(c)
	e := s.edition(c)
	page := homePage{
		Lives: e.lives,
		Live:  view.Live(),
		Ended: view.State == session.Ended,
		Name:  nameOf(view),
		Clock: e.newClock(view),
	}
	if page.Ended {
		page.Why = e.obituary(view).Why
	}
	return s.show(c, e, "home", &page)
}
