package web

import (
	"bytes"
	"errors"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	html "github.com/gofiber/template/html/v2"

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
		return s.renderSet(c, name, s.sessions.Peek(c))
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
	return s.renderSet(c, name, view)
}

func (s *site) renderSet(c *fiber.Ctx, name string, view session.View) error {
	if s.setStencil == nil || !hasClock(view) {
		return c.Render("set", &setPage{Name: name, Clock: newClock(view)})
	}
	v := s.setStencil.begin()
	v.add(name)
	v.addClock(view)
	return s.setStencil.answer(c, v)
}

// newSetStencil cuts the page of a session that has an end.
func newSetStencil(engine *html.Engine) (*stencil, error) {
	return newStencil(1+clockValues, func(v []string) ([]byte, error) {
		var b bytes.Buffer
		err := engine.Render(&b, "set", &setPage{Name: v[0], Clock: clockOf(v[1:])})
		return b.Bytes(), err
	})
}

func refuseName(c *fiber.Ctx, name, wrong string) error {
	noStore(c)
	c.Status(fiber.StatusBadRequest)
	return c.Render("name", &namePage{Name: shownAgain(name), Wrong: wrong})
}
