package fiberv2

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/session"
)

// Clock adds the three routes of <session-clock>, the element that counts a session down in
// the browser, below a prefix that ends in "/", such as "/session/". See
// [session.Policy.Clock] for what they answer. A page needs two lines:
//
//	<script type="module" src="/session/clock.js"></script>
//	<session-clock></session-clock>
func (s *Sessions) Clock(app fiber.Router, prefix string) {
	for _, path := range session.ClockPaths() {
		app.All(prefix+path, func(c *fiber.Ctx) error { return s.clock(c, path) })
	}
}

func (s *Sessions) clock(c *fiber.Ctx, path string) error {
	secure := s.cfg.Secure(c)
	res := s.policy.Clock(c.UserContext(), session.ClockRequest{
		Path: path, Method: c.Method(), Token: s.token(c, secure),
		Host: string(c.Context().Host()), Query: string(c.Context().URI().QueryString()),
		Header: func(name string) string { return c.Get(name) },
	})
	for _, h := range res.Headers {
		c.Set(h[0], h[1])
	}
	if res.Private {
		private(c)
	}
	s.send(c, &res.Cookie, secure)
	c.Status(res.Status)
	c.Response().SetBodyRaw(res.Body)
	return nil
}
