package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/session"
	"pagesession/storage/record"
)

// clockState is the console session as clock.js wants it: package web answers
// /session/ in the same form.
type clockState struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	page.Limits
}

// clockPeek answers GET /admin/session/: how much is left. It slides nothing.
func (s *console) clockPeek(r *request) error {
	known, err := s.loggedIn(r, true)
	if err != nil {
		return err
	}
	return r.JSON(stateOf(r.view, known))
}

// clockRefresh answers POST /admin/session/refresh/: the operator stays.
func (s *console) clockRefresh(r *request) error {
	known, err := s.loggedIn(r, false)
	if err != nil {
		return err
	}
	if !known {
		r.Status(fiber.StatusUnauthorized)
	}
	return r.JSON(stateOf(r.view, known))
}

func stateOf(view session.View, known bool) clockState {
	if view.Live() && !known { // the user is gone, or has another password
		view = session.View{State: record.Ended, Reason: record.Revoked}
	}
	return clockState{
		State: view.State.String(), Reason: view.Reason.String(),
		Limits: page.NewLimits(view.Live(), view.Remaining, view.IdleTimeout, view.AbsoluteRemaining),
	}
}
