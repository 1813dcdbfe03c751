package web

import (
	"errors"
	"html/template"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/session"
)

// del answers /del/: GET and POST end the visitor's session, whether there was
// one or not. If several are live it ends none, because one may be another's. HEAD says
// what GET would, and does nothing. A form that names a page is sent back to it.
func (s *site) del(c *fiber.Ctx) error {
	if c.Method() == fiber.MethodHead {
		if _, err := s.Sessions.Peek(c); err != nil {
			return err
		}
		return s.show(c, s.pages(c), "del", &delPage{})
	}
	if c.Method() == fiber.MethodGet && needsProof(c) {
		return s.confirmDel(c)
	}
	err := s.Sessions.End(c)
	if errors.Is(err, session.ErrAmbiguous) {
		return s.endedNone(c)
	}
	return s.deleted(c, err)
}

// endedNone answers for an end when several sessions are live: 409, and all live on.
func (s *site) endedNone(c *fiber.Ctx) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	return s.tooLate(c, view)
}

// delPage says that the session has ended, and if so, that the disk does not know yet.
type delPage struct {
	notices
	NotOnDisk bool
}

// deleted answers for an end, by its error. An end that is in force and not on disk yet
// is a 202, since a crash may undo it.
func (s *site) deleted(c *fiber.Ctx, err error) error {
	later := errors.Is(err, session.ErrNotDurable)
	if err != nil && !later {
		return err
	}
	if target, ok := backTo(c); ok {
		notice := page.Flash{Level: page.Success, Key: noticeDeleted}
		if later {
			notice = page.Flash{Level: page.Warning, Key: noticeNotOnDisk}
		}
		s.flash(c, notice)
		return c.Redirect(target, fiber.StatusSeeOther)
	}
	if later {
		c.Status(fiber.StatusAccepted)
	}
	return s.show(c, s.pages(c), "del", &delPage{NotOnDisk: later})
}

// confirmPage asks a visitor whom another site sent to /set/ or /del/.
type confirmPage struct {
	notices
	Title, Ask     string
	What           template.HTML
	Action, Button string
	Name           string // posted along; none when empty
	Clock          *clock // of the session that goes on meanwhile
}

func (s *site) confirmSet(c *fiber.Ctx, name string) error {
	p := s.pages(c)
	what, err := p.HTML("confirm.set.what", nameHTML(name))
	if err != nil {
		return err
	}
	return s.confirm(c, p, confirmPage{
		Title: p.T("set.title"), Ask: p.T("confirm.set.ask"), What: what,
		Action: "/set/", Button: p.T("button.set"), Name: name,
	})
}

func (s *site) confirmDel(c *fiber.Ctx) error {
	p := s.pages(c)
	what, err := p.HTML("confirm.del.what")
	if err != nil {
		return err
	}
	return s.confirm(c, p, confirmPage{
		Title: p.T("del.title"), Ask: p.T("confirm.del.ask"), What: what,
		Action: "/del/", Button: p.T("button.delete"),
	})
}

func (s *site) confirm(c *fiber.Ctx, p *localized, data confirmPage) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	data.Clock = p.clock(view)
	return s.show(c, p, "confirm", &data)
}
