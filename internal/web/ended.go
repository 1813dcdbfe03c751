package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
	"pagesession/storage/record"
)

type endedPage struct {
	notices
	obituary
}

// An obituary says why a session ended and, where it helps, what to do. Its
// reason is for the visitor's other tabs.
type obituary struct{ Title, Why, Reason string }

// wasParameter says what the visitor's last page showed.
const wasParameter = "was"

// gone shows what there is instead of a live session: that it ended and why, or
// that there was none. Nobody is told that something expired who had nothing.
func (s *site) gone(c *fiber.Ctx, view session.View) error {
	e := s.edition(c)
	if view.State != record.None {
		return s.show(c, e, "ended", &endedPage{obituary: e.obituary(view)})
	}
	if why, ok := e.seenToEnd(c, view); ok {
		return s.show(c, e, "ended", &endedPage{obituary: why})
	}
	return s.show(c, e, "none", &plainPage{})
}

// seenToEnd is for visitors who come from the page of a live session. The
// browser drops the cookie when the session ends, so nothing else tells them
// from one who never had a session: the page's links say in the query that it
// was live, its script why it ended. That chooses between fixed sentences, and is
// believed only without a cookie.
func (e *edition) seenToEnd(c *fiber.Ctx, view session.View) (obituary, bool) {
	if view.Cookie {
		return obituary{}, false
	}
	was := string(c.Context().QueryArgs().Peek(wasParameter))
	if was == "live" {
		return obituary{e.T("ended.seen.title"), e.T("ended.seen.why", e.idle(view)), record.Idle.String()}, true
	}
	for _, why := range []record.Reason{record.Idle, record.Absolute, record.Deleted, record.Revoked} {
		if was == why.String() {
			return e.obituary(session.View{Reason: why}), true
		}
	}
	return obituary{}, false
}

// lostRace answers a change that another tab's deletion or the last millisecond
// overtook. Nothing was written, hence no 200.
func (s *site) lostRace(c *fiber.Ctx) error {
	e := s.edition(c)
	why := e.obituary(s.sessions.Peek(c))
	c.Response().Header.DelAllCookies()
	c.Status(fiber.StatusConflict)
	return s.show(c, e, "ended", &endedPage{obituary: why})
}

func (e *edition) obituary(view session.View) obituary {
	why := view.Reason.String()
	switch view.Reason {
	case record.Idle:
		return obituary{e.T("ended.idle.title"), e.T("ended.idle.why", e.idle(view)), why}
	case record.Absolute:
		return obituary{e.T("ended.absolute.title"), e.T("ended.absolute.why"), why}
	case record.Deleted:
		return obituary{e.T("ended.deleted.title"), e.T("ended.deleted.why"), why}
	case record.Revoked:
		return obituary{e.T("ended.revoked.title"), e.T("ended.revoked.why"), why}
	case record.Replaced:
		return obituary{e.T("ended.replaced.title"), e.T("ended.replaced.why"), why}
	default:
		return obituary{e.T("ended.unknown.title"), e.T("ended.unknown.why"), why}
	}
}
