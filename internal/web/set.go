package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/messages"
	"pagesession/internal/session"
)

type setPage struct {
	notices
	Name  string
	Clock *clock
}

type namePage struct {
	notices
	Name, Wrong string
	Clock       *clock // of the session that goes on meanwhile
}

// set answers /set/: GET and POST start the visitor's session, or change the
// name in the one that is live. HEAD says what GET would, and does nothing. A
// form that names a page is sent back to it; one that comes from the page of a
// live session is told when that had ended meanwhile.
func (s *site) set(c *fiber.Ctx) error {
	name, wrong := wantedName(c)
	if wrong != "" {
		return s.refuseName(c, name, wrong)
	}
	if c.Method() == fiber.MethodHead {
		return s.renderSet(c, name, s.sessions.Peek(c))
	}
	if c.Method() == fiber.MethodGet && otherSite(c) {
		return s.confirmSet(c, name)
	}
	anew := wasLive(c) && !s.sessions.Peek(c).Live()
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
	if page, ok := backTo(c); ok {
		s.tell(c, setMessage(anew))
		return sendBack(c, page)
	}
	if anew {
		return s.renderSet(c, name, view, setMessage(anew))
	}
	return s.renderSet(c, name, view)
}

// wasLive tells whether the form says that it stood on a page with a live
// session.
func wasLive(c *fiber.Ctx) bool {
	value, _, _ := posted(c.Request(), "was")
	return value == "live"
}

func setMessage(anew bool) messages.Message {
	if anew {
		return messages.Message{Level: messages.Info, Key: noticeAnew}
	}
	return messages.Message{Level: messages.Success, Key: noticeRenamed}
}

func (s *site) renderSet(c *fiber.Ctx, name string, view session.View, told ...messages.Message) error {
	e := s.edition(c)
	if e.setStencil == nil || !hasClock(view) || hasMessages(c) || len(told) > 0 {
		page := &setPage{Name: name, Clock: e.newClock(view)}
		page.add(s.told(e, told...))
		return s.show(c, e, "set", page)
	}
	v := e.setStencil.begin()
	v.add(name)
	v.addClock(e, view)
	e.mark(c)
	return e.setStencil.answer(c, v)
}

// newSetStencil cuts the page of a session that has an end.
func (e *edition) newSetStencil() (*stencil, error) {
	return newStencil(1+clockValues, func(v []string) ([]byte, error) {
		return e.execute("set", &setPage{Name: v[0], Clock: clockOf(v[1:])})
	})
}

// refuseName shows the name again for correction. wrong is the key of what is
// wrong with it.
func (s *site) refuseName(c *fiber.Ctx, name, wrong string) error {
	view := s.sessions.Peek(c)
	c.Status(fiber.StatusBadRequest)
	e := s.edition(c)
	return s.show(c, e, "name", &namePage{Name: shownAgain(name), Wrong: e.T(wrong), Clock: e.newClock(view)})
}
