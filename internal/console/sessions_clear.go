package console

import (
	"pagesession/internal/control"
)

// sessionsClear answers POST /admin/sessions/clear/: it frees what expired
// sessions still take, some seconds before that happens by itself.
func (s *console) sessionsClear(r *request) error {
	return s.operateAll(r, control.ClearSessions, "session.cleared", "sessions.cleared", sessionsNext(r.field("back")))
}
