package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
)

type endedPage struct{ Title, Why string }

// gone shows what there is instead of a live session: that it ended and why, or
// that there was none. Nobody is told that something expired who had nothing.
func (s *site) gone(c *fiber.Ctx, view session.View) error {
	if view.State != session.None {
		page := s.obituary(view)
		return c.Render("ended", &page)
	}
	if page, ok := s.seenToEnd(c, view); ok {
		return c.Render("ended", &page)
	}
	return c.Render("none", nil)
}

// seenToEnd is for visitors who come from the page of a live session. The
// browser drops the cookie when the session ends, so nothing else tells them
// from one who never had a session: the page's links say in the query that it
// was live, its script whether it went before its time. That chooses between
// fixed sentences, and is believed only without a cookie.
func (s *site) seenToEnd(c *fiber.Ctx, view session.View) (endedPage, bool) {
	if view.Cookie {
		return endedPage{}, false
	}
	switch string(c.Context().QueryArgs().Peek("was")) {
	case "live":
		return endedPage{"Its time ran out", "A session ends when nobody looks at it for " + s.idle(view) + ". Any look before that starts the time again."}, true
	case "deleted":
		return s.obituary(session.View{Reason: session.Deleted}), true
	default:
		return endedPage{}, false
	}
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
