package web

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/internal/session"
)

const mimeJSON = "application/json; charset=utf-8"

// sessionJSON is a look at a session for scripts. Times are in milliseconds
// from now, so that a wrong clock at the other end does no harm; null is a
// limit that does not exist, 0 a time that has passed.
type sessionJSON struct {
	State             string `json:"state"`
	Reason            string `json:"reason"` // "" unless the session ended
	Name              string `json:"name"`
	RemainingMS       *int64 `json:"remaining_ms"`
	IdleTimeoutMS     *int64 `json:"idle_timeout_ms"`
	AbsoluteRemaining *int64 `json:"absolute_remaining_ms"`
}

// sessionShow answers GET /session/. It never slides and never sets a cookie:
// a page may ask as often as it likes.
func (s *site) sessionShow(c *fiber.Ctx) error {
	return sendJSON(c, sessionOf(s.sessions.Peek(c)))
}

func sessionOf(view session.View) sessionJSON {
	return sessionJSON{
		State:             view.State.String(),
		Reason:            view.Reason.String(),
		Name:              nameOf(view),
		RemainingMS:       limit(view, view.Remaining),
		IdleTimeoutMS:     limit(view, view.IdleTimeout),
		AbsoluteRemaining: limit(view, view.AbsoluteRemaining),
	}
}

func limit(view session.View, d time.Duration) *int64 {
	if !view.Live() {
		d = 0
	} else if d == 0 {
		return nil
	}
	ms := page.Millis(d)
	return &ms
}

func sendJSON(c *fiber.Ctx, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, mimeJSON)
	return c.Send(body)
}
