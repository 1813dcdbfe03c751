package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/session"
)

const mimeJSON = "application/json; charset=utf-8"

// sessionJSON is a look at a session for scripts.
type sessionJSON struct {
	State  string `json:"state"`
	Reason string `json:"reason"` // "" unless the session ended
	Name   string `json:"name"`
	page.Limits
}

// sessionShow answers GET /session/. It never slides and never sets a cookie:
// a page may ask as often as it likes.
func (s *site) sessionShow(c *fiber.Ctx) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	return c.JSON(sessionOf(view), mimeJSON)
}

func sessionOf(view session.View) sessionJSON {
	return sessionJSON{
		State: view.State.String(), Reason: view.Reason.String(), Name: nameOf(view),
		Limits: page.NewLimits(view.Live(), view.Remaining, view.IdleTimeout, view.AbsoluteRemaining),
	}
}
