package web

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/page"
	"pagesession/session"
)

type setPage struct {
	notices
	Name  page.Value
	Clock *clock
}

type namePage struct {
	notices
	Name, Wrong string
	Clock       *clock // of the session that goes on meanwhile
}

// set answers /set/: GET and POST start the visitor's session, or change the name
// in a live one. HEAD changes nothing. A form may name a page to go back to, and
// one from the page of a session that has ended meanwhile gets a notice.
func (s *site) set(c *fiber.Ctx) error {
	name, wrong := wantedName(c)
	switch {
	case wrong != "":
		return s.refuseName(c, name, wrong)
	case c.Method() == fiber.MethodHead:
		return s.peekSet(c, name)
	case c.Method() == fiber.MethodGet && needsProof(c):
		return s.confirmSet(c, name)
	}
	anew, err := s.hasEnded(c)
	if err != nil {
		return err
	}
	view, err := s.Sessions.Start(c, s.naming(c, name))
	if errors.Is(err, session.ErrEnded) {
		return s.lostRace(c)
	}
	if err != nil {
		return err
	}
	return s.answerSet(c, name, view, anew)
}

// naming returns the change that sets the name, in a new session only if the client may
// create one.
func (s *site) naming(c *fiber.Ctx, name string) func(*fibersession.Session) error {
	return func(sess *fibersession.Session) error {
		if sess.Fresh() {
			if err := s.Admit(c); err != nil {
				return err
			}
		}
		sess.Set(nameKey, name)
		return nil
	}
}

// peekSet shows the page without a change.
func (s *site) peekSet(c *fiber.Ctx, name string) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	return s.renderSet(c, name, view)
}

// answerSet answers for a session that has the name now; anew says that it is another one
// than the form's page had.
func (s *site) answerSet(c *fiber.Ctx, name string, view session.View, anew bool) error {
	s.forgetDeleted(c)
	notice := page.Flash{Level: page.Success, Key: noticeRenamed}
	if anew {
		notice = page.Flash{Level: page.Info, Key: noticeAnew}
	}
	if target, ok := backTo(c); ok {
		s.flash(c, notice)
		return c.Redirect(target, fiber.StatusSeeOther)
	}
	if anew {
		return s.renderSet(c, name, view, notice)
	}
	return s.renderSet(c, name, view)
}

// hasEnded reports whether the form's page had a live session that has ended since.
func (s *site) hasEnded(c *fiber.Ctx) (bool, error) {
	if field(c, wasParameter) != "live" {
		return false, nil
	}
	view, err := s.Sessions.Peek(c)
	return !view.Live() && !view.Ambiguous, err
}

func (s *site) renderSet(c *fiber.Ctx, name string, view session.View, flashes ...page.Flash) error {
	p := s.pages(c)
	draft := p.set.Draft()
	draft.Page.Name.Set(name)
	draft.Page.Clock = p.setClock(draft.Page.Clock, view)
	if !hasClock(view) || s.flashes.Pending(c) || len(flashes) > 0 {
		draft.Page.add(s.inWords(p, flashes...))
		return s.show(c, p, "set", draft.Page)
	}
	p.mark(c)
	return p.set.Send(c, draft)
}

// refuseName shows a name again to correct. wrong is the key of what is wrong.
func (s *site) refuseName(c *fiber.Ctx, name, wrong string) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	c.Status(fiber.StatusBadRequest)
	p := s.pages(c)
	return s.show(c, p, "name", &namePage{Name: shownAgain(name), Wrong: p.T(wrong), Clock: p.clock(view)})
}

// field returns a field of a POST's form, or nothing.
func field(c *fiber.Ctx, name string) string {
	if all, _ := page.FormValues(c.Request(), name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// backTo returns the page to which a form sends its visitor when it is done, if it
// names one. Only pages of this server are on the list.
func backTo(c *fiber.Ctx) (page string, ok bool) {
	page = field(c, "back")
	return page, slices.Contains([]string{"/", "/get/"}, page)
}
