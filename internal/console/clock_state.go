package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
	"pagesession/storage/record"
)

// clockState is the console session as clock.js wants it: package web answers
// /session/ in the same form.
type clockState struct {
	State               string `json:"state"`
	Reason              string `json:"reason,omitempty"`
	IdleTimeoutMS       int64  `json:"idle_timeout_ms"`
	RemainingMS         int64  `json:"remaining_ms"`
	AbsoluteRemainingMS *int64 `json:"absolute_remaining_ms"`
}

// clockPeek answers GET /admin/session/: how much is left. It slides nothing.
func (s *console) clockPeek(r *request) error {
	known := s.loggedIn(r, true)
	return r.JSON(stateOf(r.view, known))
}

// clockRefresh answers POST /admin/session/refresh/: the operator stays.
func (s *console) clockRefresh(r *request) error {
	known := s.loggedIn(r, false)
	if !known {
		r.Status(fiber.StatusUnauthorized)
	}
	return r.JSON(stateOf(r.view, known))
}

func stateOf(view session.View, known bool) clockState {
	if view.Live() && !known { // the user is gone, or has another password
		return clockState{State: record.Ended.String(), Reason: record.Revoked.String()}
	}
	state := clockState{State: view.State.String(), Reason: view.Reason.String()}
	if view.Live() {
		state.IdleTimeoutMS, state.RemainingMS = view.IdleTimeout.Milliseconds(), view.Remaining.Milliseconds()
		if view.AbsoluteRemaining > 0 {
			absolute := view.AbsoluteRemaining.Milliseconds()
			state.AbsoluteRemainingMS = &absolute
		}
	}
	return state
}
