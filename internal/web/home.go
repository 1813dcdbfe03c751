package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
)

type homePage struct {
	Lives       string
	Live, Ended bool
	Name, Why   string
	Clock       *clock
}

// home answers GET and HEAD /: what this is, and how the session stands. It
// only watches; being here is not a look at the session.
func (s *site) home(c *fiber.Ctx) error {
	view := s.sessions.Peek(c)
	page := homePage{
		Lives: s.lives,
		Live:  view.Live(),
		Ended: view.State == session.Ended,
		Name:  nameOf(view),
		Clock: newClock(view),
	}
	if page.Ended {
		page.Why = s.obituary(view).Why
	}
	return c.Render("home", &page)
}
