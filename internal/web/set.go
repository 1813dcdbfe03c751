package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/session"
)

type setPage struct {
	Name  string
	Clock *clock
}

type namePage struct{ Name, Wrong string }

// set answers /set/: GET and POST start the visitor's session, or change the
// name in the one that is live. HEAD says what GET would, and does nothing.
func (s *site) set(c *fiber.Ctx) error {
	name, wrong := wantedName(c)
	if wrong != "" {
		return refuseName(c, name, wrong)
	}
	if c.Method() == fiber.MethodHead {
		return renderSet(c, name, s.sessions.Peek(c))
	}
	if c.Method() == fiber.MethodGet && otherSite(c) {
		return confirmSet(c, name)
	}
	view, err := s.sessions.Start(c, func(sess *fibersession.Session) error {
		sess.Set(nameKey, name)
		return nil
	})
	if errors.Is(err, session.ErrEnded) {
		return s.lostRace(c)
	}
	if err != nil {
		return err
	}
	return renderSet(c, name, view)
}

func renderSet(c *fiber.Ctx, name string, view session.View) error {
	return c.Render("set", &setPage{Name: name, Clock: newClock(view)})
}

func refuseName(c *fiber.Ctx, name, wrong string) error {
	noStore(c)
	c.Status(fiber.StatusBadRequest)
	return c.Render("name", &namePage{Name: shownAgain(name), Wrong: wrong})
}
