package web

import (
	"cmp"

	"github.com/gofiber/fiber/v2"

	"pagesession/session"
	"pagesession/storage/record"
)

type endedPage struct {
	notices
	ending
}

// An ending says in a heading why a session ended, and more in a sentence. Its
// reason is for the visitor's other tabs.
type ending struct{ Title, Why, Reason string }

// wasParameter says what the visitor's last page showed.
const wasParameter = "was"

// nonePage says that there is no session, or that none counts because several are live.
type nonePage struct {
	notices
	Several bool
}

// gone shows that the session ended and why, or that there was none.
func (s *site) gone(c *fiber.Ctx, view session.View) error {
	p := s.pages(c)
	if view = s.remembered(c, view); view.State != record.None {
		return s.show(c, p, "ended", &endedPage{ending: p.ending(view)})
	}
	if why, ok := p.seenToEnd(c, view); ok {
		return s.show(c, p, "ended", &endedPage{ending: why})
	}
	return s.show(c, p, "none", &nonePage{Several: view.Ambiguous})
}

// known returns a view as pages and scripts show it: if the server no longer knows an id that
// has the form of its own, the session has ended, for a reason that is forgotten.
func known(view session.View) session.View {
	if view.State == record.None && view.Cookie && !view.Ambiguous {
		view.State = record.Ended
	}
	return view
}

// remembered is like known, and also reads the cookie lastsession: a visitor who deleted the
// session has no other cookie of it.
func (s *site) remembered(c *fiber.Ctx, view session.View) session.View {
	view = known(view)
	if view.State == record.None && !view.Ambiguous && s.hasDeleted(c) {
		view.State, view.Reason = record.Ended, record.Deleted
	}
	return view
}

// seenToEnd is for visitors whose browser has dropped the cookie with the session, where the
// server knows nothing. The query says that their last page had a live session, or why that
// ended. It chooses between fixed sentences, and counts only without a session's cookie.
func (p *localized) seenToEnd(c *fiber.Ctx, view session.View) (ending, bool) {
	if view.Cookie {
		return ending{}, false
	}
	was := string(c.Context().QueryArgs().Peek(wasParameter))
	if was == "live" {
		return ending{p.T("ended.idle.title"), p.T("ended.seen.why", p.idleTimeout(view)), record.Idle.String()}, true
	}
	for _, why := range []record.Reason{record.Idle, record.Absolute, record.Deleted, record.Revoked} {
		if was == why.String() {
			return p.ending(session.View{Reason: why}), true
		}
	}
	return ending{}, false
}

// lostRace answers a change that another tab's deletion or the time overtook: 409.
func (s *site) lostRace(c *fiber.Ctx) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	p := s.pages(c)
	why := p.ending(view)
	c.Response().Header.DelAllCookies()
	c.Status(fiber.StatusConflict)
	return s.show(c, p, "ended", &endedPage{ending: why})
}

// ending has its texts under ended.idle and so on, or ended.unknown.
func (p *localized) ending(view session.View) ending {
	why := view.Reason.String()
	key := "ended." + cmp.Or(why, "unknown")
	var args []any
	if view.Reason == record.Idle {
		args = []any{p.idleTimeout(view)}
	}
	return ending{p.T(key + ".title"), p.T(key+".why", args...), why}
}
