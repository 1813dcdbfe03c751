package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/session"
)

const mimeJSON = "application/json; charset=utf-8"

// sessionJSON is a session as scripts see it.
type sessionJSON struct {
	session.ClockState
	Name string `json:"name"`
}

// sessionShow answers GET /session/. It extends nothing and sets no cookie.
func (s *site) sessionShow(c *fiber.Ctx) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	return c.JSON(sessionOf(view), mimeJSON)
}

func sessionOf(view session.View) sessionJSON {
	return sessionJSON{known(view).ClockState(), nameOf(view)}
}

// refusalJSON says why there was nothing to refresh.
type refusalJSON struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
}

// sessionRefresh answers POST /session/refresh/: it extends the session. 204 and
// the cookie again, or 401 without a live session. The dead cookie stays then,
// because the next page needs it to say why the session ended.
func (s *site) sessionRefresh(c *fiber.Ctx) error {
	view, err := s.Sessions.Refresh(c)
	if err != nil {
		return err
	}
	if view.Live() {
		c.Status(fiber.StatusNoContent)
		return nil
	}
	return refuseJSON(c, view)
}

// refuseJSON answers 401 where there is no live session to work on.
func refuseJSON(c *fiber.Ctx, view session.View) error {
	view = known(view)
	c.Response().Header.DelAllCookies()
	c.Status(fiber.StatusUnauthorized)
	return c.JSON(refusalJSON{State: view.State.String(), Reason: view.Why()}, mimeJSON)
}
