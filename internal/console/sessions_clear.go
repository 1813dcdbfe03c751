package console

import (
	"pagesession/internal/account"
	"pagesession/internal/messages"
)

// sessionsClear answers POST /admin/sessions/clear/: it frees what expired
// sessions still take, some seconds before that happens by itself.
func (s *console) sessionsClear(v *visit) error {
	n := s.Visitors.Sweep()
	s.tell(v, messages.Success, "sessions.cleared", int64(n))
	s.record(v, account.Record{Action: account.ActionClear, Kind: account.KindSession, Count: n})
	return s.backTo(v, sessionsNext(v.field("back")))
}
