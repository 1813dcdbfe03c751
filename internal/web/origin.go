package web

import (
	"bytes"
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// ours reports whether another site is kept out: safe methods pass, any other
// must come from a page of this origin or from no page at all, by the rules of
// http.CrossOriginProtection. That takes an http.Request, so it gets one with
// the four things that it reads.
func (s *site) ours(c *fiber.Ctx) bool {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return true
	}
	req := &http.Request{Method: c.Method(), Host: string(c.Request().Header.Host()), Header: http.Header{}}
	for _, name := range []string{"Sec-Fetch-Site", "Origin"} {
		if value := c.Get(name); value != "" {
			req.Header.Set(name, value)
		}
	}
	return s.origins.Check(req) == nil
}

// otherSite reports whether a page of another origin sent the visitor here.
// Sec-Fetch-Site is set by the browser, never by a page; an old browser or a
// tool that sends none is believed, as are a typed address and a bookmark.
func otherSite(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return true
}

// notAhead answers a prefetch or a prerender with a 503 instead of the page. A
// browser may fetch a link ahead because it guesses a click, and nobody has
// looked at anything yet: the session must not slide, start or end. A harmless
// 200 would be worse: it would be kept and shown at the click, and the real
// request never made. On an error the browser throws the copy away and asks
// again when the visitor really comes.
func notAhead(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if ahead(c) {
			return status(fiber.StatusServiceUnavailable)
		}
		return next(c)
	}
}

func ahead(c *fiber.Ctx) bool {
	h := &c.Request().Header
	purpose := h.Peek("Sec-Purpose")
	return bytes.Contains(purpose, []byte("prefetch")) || bytes.Contains(purpose, []byte("prerender")) ||
		bytes.Equal(h.Peek("Purpose"), []byte("prefetch")) || bytes.Equal(h.Peek("X-Moz"), []byte("prefetch"))
}

// fromScript reports whether a script asks, and not a visitor who goes to a
// page. An old browser does not say, and is taken for a visitor.
func fromScript(c *fiber.Ctx) bool {
	return bytes.Equal(c.Request().Header.Peek("Sec-Fetch-Dest"), []byte("empty"))
}
