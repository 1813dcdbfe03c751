package console

import (
	"pagesession/internal/account"
	"pagesession/internal/page"
)

// sessionsClear answers POST /admin/sessions/clear/: it frees what expired
// sessions still take, some seconds before that happens by itself.
func (s *console) sessionsClear(r *request) error {
	n := s.Visitors.Sweep()
	s.flashCount(r, page.Success, "session.cleared", "sessions.cleared", n)
	s.audit(r, account.Event{Action: account.ActionClear, Kind: account.KindSession, Count: n})
	return backTo(r, sessionsNext(r.field("back")))
}
