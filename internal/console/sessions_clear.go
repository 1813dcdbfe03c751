package console

import (
	"pagesession/internal/account"
	"pagesession/internal/messages"
)

// sessionsClear answers POST /admin/sessions/clear/: it frees what expired
// sessions still take, some seconds before that happens by itself.
func (s *console) sessionsClear(v *visit) error {
	n := s.Visitors.Sweep()
	s.tellCount(v, messages.Success, "session.cleared", "sessions.cleared", n)
	s.record(v, account.Record{Action: account.ActionClear, Kind: account.KindSession, Count: n})
	return s.backTo(v, sessionsNext(v.field("back")))
}
