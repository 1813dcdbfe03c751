package app

import (
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/traces"
	"pagesession/internal/web"
	"pagesession/session"
	"pagesession/session/fiberv2"
)

// traced returns the sessions, with a span for what waits for a commit if traces are on.
func (a *app) traced(sessions *fiberv2.Sessions) web.Sessions {
	if a.traces == nil {
		return sessions
	}
	return tracedSessions{sessions, a.traces}
}

// tracedSessions notes how long creations, changes and ends take: nearly all of it is the wait
// for the commit that makes them durable.
type tracedSessions struct {
	*fiberv2.Sessions
	traces *traces.Tracer
}

// Start begins a session.
func (s tracedSessions) Start(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error) {
	defer s.traces.Step(c.Context(), "create session", time.Now())
	return s.Sessions.Start(c, change)
}

// Update changes a session.
func (s tracedSessions) Update(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error) {
	defer s.traces.Step(c.Context(), "change session", time.Now())
	return s.Sessions.Update(c, change)
}

// End ends a session.
func (s tracedSessions) End(c *fiber.Ctx) error {
	defer s.traces.Step(c.Context(), "end session", time.Now())
	return s.Sessions.End(c)
}
