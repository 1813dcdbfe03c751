package web

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

// lastSession is the cookie that says that this browser's last session was deleted. The
// session's own cookie is gone by then, and visitors who go back to its pages would read that
// they have not started one. It holds nothing of the session, and a new one removes it.
var lastSession = page.Cookie{Name: "lastsession", Path: "/", SameSite: "Lax"}

const (
	lastDeleted = "deleted"
	lastAge     = 10 * time.Minute
)

// hasDeleted reports whether the visitor deleted their last session, lastAge ago at most.
func (s *site) hasDeleted(c *fiber.Ctx) bool {
	return slices.Contains(s.lastSession.Values(c), lastDeleted)
}

// forgetDeleted removes the cookie once there is a session again.
func (s *site) forgetDeleted(c *fiber.Ctx) {
	if s.hasDeleted(c) {
		s.lastSession.Delete(c)
	}
}
