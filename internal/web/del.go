package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/session"
	"pagesession/storage/record"
)

// del answers /del/: GET and POST end the visitor's session. If several are live it ends
// none, because one may be another's. HEAD says what GET would, and does nothing. A form that
// names a page is sent back to it. A session that was deleted a moment ago counts, because a
// second click is no mistake.
func (s *site) del(c *fiber.Ctx) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	had := view.Live() || view.Reason == record.Deleted
	asked := c.Method() == fiber.MethodGet && needsProof(c)
	switch {
	case view.Ambiguous:
		return s.tooLate(c, view)
	case had && asked:
		return s.confirmDel(c, view)
	case c.Method() == fiber.MethodHead, asked:
		return s.showDel(c, view, had)
	}
	err = s.Sessions.End(c)
	switch {
	case errors.Is(err, session.ErrAmbiguous): // since then
		return s.endedNone(c)
	case err == nil && !had:
		return s.deletedNothing(c, view)
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

// delPage says that the session has ended, and if so, that the disk does not know yet; or
// that there was none.
type delPage struct {
	notices
	NotOnDisk bool
	None      bool
	Why       string // there was none
}

// showDel shows what a request to delete the session comes to.
func (s *site) showDel(c *fiber.Ctx, view session.View, had bool) error {
	p := s.pages(c)
	if had {
		return s.show(c, p, "del", &delPage{})
	}
	why := p.T("del.none.what")
	if view = known(view); view.State == record.Ended {
		why = p.ending(view).Why
	}
	return s.show(c, p, "del", &delPage{None: true, Why: why})
}

// deletedNothing answers for a request that found no live session.
func (s *site) deletedNothing(c *fiber.Ctx, view session.View) error {
	if target, ok := backTo(c); ok {
		s.flash(c, page.Flash{Level: page.Info, Key: noticeNothing})
		return c.Redirect(target, fiber.StatusSeeOther)
	}
	return s.showDel(c, view, false)
}

// deleted answers for an end, by its error. An end that is in force and not on disk yet
// is a 202, since a crash may undo it.
func (s *site) deleted(c *fiber.Ctx, err error) error {
	later := errors.Is(err, session.ErrNotDurable)
	if err != nil && !later {
		return err
	}
	s.lastSession.Set(c, lastDeleted, lastAge)
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
