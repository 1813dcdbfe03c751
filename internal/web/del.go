package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/messages"
)

// del answers /del/: GET and POST end the visitor's session, whether there was
// one or not. HEAD says what GET would, and does nothing. A form that names a
// page is sent back to it.
func (s *site) del(c *fiber.Ctx) error {
	if c.Method() == fiber.MethodHead {
		s.sessions.Peek(c)
		return s.show(c, s.edition(c), "del", &plainPage{})
	}
	if c.Method() == fiber.MethodGet && otherSite(c) {
		return s.confirmDel(c)
	}
	if err := s.sessions.End(c); err != nil {
		return err
	}
	if page, ok := backTo(c); ok {
		s.tell(c, messages.Message{Level: messages.Success, Key: noticeDeleted})
		return sendBack(c, page)
	}
	return s.show(c, s.edition(c), "del", &plainPage{})
}
