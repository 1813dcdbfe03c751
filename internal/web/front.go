package web

import (
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/gofiber/fiber/v2"
)

// front stands before every page and file. It is one handler, not four, since
// /get/ is asked for tens of thousands of times a second.
func (s *site) front(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = s.panicked(c, p)
		}
	}()
	s.headers.CopyTo(&c.Response().Header)
	if !knownHost(s.hosts, c.Request()) {
		return status(fiber.StatusBadRequest)
	}
	if !s.ours(c) {
		return status(fiber.StatusForbidden)
	}
	return c.Next()
}

// panicked logs a handler's panic and turns it into a plain 500. The path is
// one of ours, or it could not have panicked, and so is safe to log; the query
// may hold a name and is not.
func (s *site) panicked(c *fiber.Ctx, p any) error {
	s.logError(c, slog.LevelError, "a handler panicked",
		slog.String("method", c.Method()), slog.String("path", c.Path()),
		slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
	return status(fiber.StatusInternalServerError)
}
