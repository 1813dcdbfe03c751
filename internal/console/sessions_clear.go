package console

import (
	"pagesession/internal/control"
	"pagesession/internal/page"
)

// sessionsClear answers POST /admin/sessions/clear/: it frees what expired
// sessions still take, some seconds before that happens by itself.
func (s *console) sessionsClear(r *request) error {
	err := operate(s, r, control.ClearSessions, control.All{}, func(n control.Count) {
		s.flashCount(r, page.Success, "session.cleared", "sessions.cleared", n.Count)
	})
	if err != nil {
		return err
	}
	return backTo(r, sessionsNext(r.field("back")))
}
