package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
)

// ownState is the console session as clock.js wants it: package web answers
// /session/ in the same form.
type ownState struct {
	State               string `json:"state"`
	Reason              string `json:"reason,omitempty"`
	IdleTimeoutMS       int64  `json:"idle_timeout_ms"`
	RemainingMS         int64  `json:"remaining_ms"`
	AbsoluteRemainingMS *int64 `json:"absolute_remaining_ms"`
}

// ownPeek answers GET /admin/session/: how much is left. It slides nothing.
func (s *console) ownPeek(v *visit) error {
	known := s.knows(v, true)
	return v.JSON(stateOf(v.view, known))
}

// ownRefresh answers POST /admin/session/refresh/: the operator stays.
func (s *console) ownRefresh(v *visit) error {
	known := s.knows(v, false)
	if !known {
		v.Status(fiber.StatusUnauthorized)
	}
	return v.JSON(stateOf(v.view, known))
}

func stateOf(view session.View, known bool) ownState {
	if view.Live() && !known { // the user is gone, or his password is another
		return ownState{State: session.Ended.String(), Reason: session.Revoked.String()}
	}
	state := ownState{State: view.State.String(), Reason: view.Reason.String()}
	if view.Live() {
		state.IdleTimeoutMS, state.RemainingMS = view.IdleTimeout.Milliseconds(), view.Remaining.Milliseconds()
		if view.AbsoluteRemaining > 0 {
			absolute := view.AbsoluteRemaining.Milliseconds()
			state.AbsoluteRemainingMS = &absolute
		}
	}
	return state
}
