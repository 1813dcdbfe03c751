package web

import "github.com/gofiber/fiber/v2"

// del answers /del/: GET and POST end the visitor's session, whether there was
// one or not. HEAD says what GET would, and does nothing.
func (s *site) del(c *fiber.Ctx) error {
	if c.Method() == fiber.MethodHead {
		s.sessions.Peek(c)
		return s.edition(c).render(c, "del", nil)
	}
	if c.Method() == fiber.MethodGet && otherSite(c) {
		return s.confirmDel(c)
	}
	if err := s.sessions.End(c); err != nil {
		return err
	}
	return s.edition(c).render(c, "del", nil)
}
