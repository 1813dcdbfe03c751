package web

import (
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

// middleware stands before every page and file. It is one handler because /get/ is
// asked for so often. A probe may use any address, so its host is not checked. Nor is
// that of a static file: it has no secrets, and the page of a refused host needs it.
func (s *site) middleware(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = s.panicked(c, p)
		}
	}()
	s.headers.CopyTo(&c.Response().Header)
	if !knownHost(s.AllowedHosts, c.Request()) && !isProbe(c.Path()) && !s.isFile(c) {
		return s.refuseHost(c)
	}
	if !s.sameOrigin(c) && !s.isConsole(c) {
		return page.Status(fiber.StatusForbidden)
	}
	return c.Next()
}

// rejectPrefetch answers a prefetch or a prerender with a 503. A browser fetches
// ahead because it guesses a click; the session must not be extended, started or
// ended by that. A 200 would be kept and shown at the click in place of the real
// request. After an error the browser asks again when the visitor comes.
func rejectPrefetch(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if page.IsPrefetch(c) {
			return page.Status(fiber.StatusServiceUnavailable)
		}
		return next(c)
	}
}

// panicked logs a handler's panic and turns it into a plain 500. The path is one
// of the table and safe to log; the query may hold a name and is left out.
func (s *site) panicked(c *fiber.Ctx, p any) error {
	s.logError(c, slog.LevelError, "request handler panicked",
		slog.String("method", c.Method()), slog.String("path", c.Path()),
		slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
	return page.Status(fiber.StatusInternalServerError)
}
