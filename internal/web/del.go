package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

// del answers /del/: GET and POST end the visitor's session, whether there was
// one or not. HEAD says what GET would, and does nothing. A form that names a
// page is sent back to it.
func (s *site) del(c *fiber.Ctx) error {
	if c.Method() == fiber.MethodHead {
		if _, err := s.Sessions.Peek(c); err != nil {
			return err
		}
		return s.show(c, s.pages(c), "del", &plainPage{})
	}
	if c.Method() == fiber.MethodGet && fromOtherSite(c) {
		return s.confirmDel(c)
	}
	if err := s.Sessions.End(c); err != nil {
		return err
	}
	if target, ok := backTo(c); ok {
		s.flash(c, page.Flash{Level: page.Success, Key: noticeDeleted})
		return c.Redirect(target, fiber.StatusSeeOther)
	}
	return s.show(c, s.pages(c), "del", &plainPage{})
}
