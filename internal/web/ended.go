package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
)

type endedPage struct{ Title, Why string }

// gone shows what there is instead of a live session: that it ended and why, or
// that there was none. Nobody is told that something expired who had nothing.
func (s *site) gone(c *fiber.Ctx, view session.View) error {
	if view.State == session.None {
		return c.Render("none", nil)
	}
	page := s.obituary(view)
	return c.Render("ended", &page)
}

// lostRace answers a change that another tab's deletion or the last millisecond
// overtook. Nothing was written, hence no 200.
func (s *site) lostRace(c *fiber.Ctx) error {
	page := s.obituary(s.sessions.Peek(c))
	c.Response().Header.DelAllCookies()
	c.Status(fiber.StatusConflict)
	return c.Render("ended", &page)
}

// obituary says why a session ended and, where it helps, what to do.
func (s *site) obituary(view session.View) endedPage {
	switch view.Reason {
	case session.Idle:
		return endedPage{"Nobody looked at it in time", "It was left alone for " + s.idle(view) + ", and that ends it. Any look before that starts the time again."}
	case session.Absolute:
		return endedPage{"It reached its longest life", "However often it is looked at, a session ends at some point. A new one is one click away."}
	case session.Deleted:
		return endedPage{"It was deleted", "That was done in this browser, perhaps in another tab."}
	case session.Revoked:
		return endedPage{"An operator ended it", "Whoever runs this server closed the session. You may start a new one."}
	case session.Replaced:
		return endedPage{"It was replaced", "The session goes on under a new cookie, and this page came with the old one. Loading it again may be enough."}
	default:
		return endedPage{"It is over", "Why it ended is not known any more."}
	}
}

func (s *site) idle(view session.View) string {
	if view.IdleTimeout > 0 {
		return inWords(view.IdleTimeout)
	}
	return s.lives
}
