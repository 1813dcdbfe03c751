package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/health"
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

// readiness answers /readyz: 503 while starting or draining. A session file that
// cannot be written leaves it at 200, because visits and ends go on, and so do accounts
// that are unavailable. With ?verbose a line for each of them follows.
func (s *site) readiness(c *fiber.Ctx) error {
	more := ""
	if c.Context().QueryArgs().Has("verbose") {
		more = fileLines(s.Files())
	}
	if s.Ready() {
		return probe(c, fiber.StatusOK, "ready"+more)
	}
	c.Set(fiber.HeaderRetryAfter, "1")
	return probe(c, fiber.StatusServiceUnavailable, "not ready"+more)
}

// fileLines leaves out paths and errors, because anyone may ask for /readyz.
func fileLines(files []health.File) string {
	var b strings.Builder
	for _, f := range files {
		b.WriteString("\n" + f.Name + ": " + f.State)
		if !f.OK() {
			b.WriteString(" since " + f.Since.UTC().Format(time.RFC3339) + ". " + strings.Join([]string{f.Works, f.Refused, f.Do}, " "))
		}
		if f.Notice != "" {
			b.WriteString("\n" + f.Name + ": " + f.Notice)
		}
	}
	return b.String()
}

func probe(c *fiber.Ctx, code int, text string) error {
	page.NoStore(c)
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.Status(code).SendString(text)
}
