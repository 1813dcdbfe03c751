package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
)

type endedPage struct{ Title, Why string }

// gone shows what there is instead of a live session: that it ended and why, or
// that there was none. Nobody is told that something expired who had nothing.
func (s *site) gone(c *fiber.Ctx, view session.View) error {
	e := s.edition(c)
	if view.State != session.None {
		page := e.obituary(view)
		return e.render(c, "ended", &page)
	}
	if page, ok := e.seenToEnd(c, view); ok {
		return e.render(c, "ended", &page)
	}
	return e.render(c, "none", nil)
}

// seenToEnd is for visitors who come from the page of a live session. The
// browser drops the cookie when the session ends, so nothing else tells them
// from one who never had a session: the page's links say in the query that it
// was live, its script whether it went before its time. That chooses between
// fixed sentences, and is believed only without a cookie.
func (e *edition) seenToEnd(c *fiber.Ctx, view session.View) (endedPage, bool) {
	if view.Cookie {
		return endedPage{}, false
	}
	switch string(c.Context().QueryArgs().Peek("was")) {
	case "live":
		return endedPage{e.T("ended.seen.title"), e.T("ended.seen.why", e.idle(view))}, true
	case "deleted":
		return e.obituary(session.View{Reason: session.Deleted}), true
	default:
		return endedPage{}, false
	}
}

// lostRace answers a change that another tab's deletion or the last millisecond
// overtook. Nothing was written, hence no 200.
func (s *site) lostRace(c *fiber.Ctx) error {
	e := s.edition(c)
	page := e.obituary(s.sessions.Peek(c))
	c.Response().Header.DelAllCookies()
	c.Status(fiber.StatusConflict)
	return e.render(c, "ended", &page)
}

// obituary says why a session ended and, where it helps, what to do.
func (e *edition) obituary(view session.View) endedPage {
	switch view.Reason {
	case session.Idle:
		return endedPage{e.T("ended.idle.title"), e.T("ended.idle.why", e.idle(view))}
	case session.Absolute:
		return endedPage{e.T("ended.absolute.title"), e.T("ended.absolute.why")}
	case session.Deleted:
		return endedPage{e.T("ended.deleted.title"), e.T("ended.deleted.why")}
	case session.Revoked:
		return endedPage{e.T("ended.revoked.title"), e.T("ended.revoked.why")}
	case session.Replaced:
		return endedPage{e.T("ended.replaced.title"), e.T("ended.replaced.why")}
	default:
		return endedPage{e.T("ended.unknown.title"), e.T("ended.unknown.why")}
	}
}
