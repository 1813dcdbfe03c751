package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

// The paths of the probes.
const (
	livePath  = "/livez"
	readyPath = "/readyz"
)

func isProbe(path string) bool { return path == livePath || path == readyPath }

// live answers /livez: the process is there and answers.
func (s *site) live(c *fiber.Ctx) error {
	return probe(c, fiber.StatusOK, "ok")
}

// readiness answers /readyz: 503 while starting or draining.
func (s *site) readiness(c *fiber.Ctx) error {
	if s.Ready() {
		return probe(c, fiber.StatusOK, "ready")
	}
	c.Set(fiber.HeaderRetryAfter, "1")
	return probe(c, fiber.StatusServiceUnavailable, "not ready")
}

func probe(c *fiber.Ctx, code int, word string) error {
	page.NoStore(c)
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.Status(code).SendString(word)
}
