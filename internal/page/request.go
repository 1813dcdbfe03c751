package page

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
)

// IsPrefetch reports whether a browser fetches a page ahead, because it guesses
// a click: no person sees the answer yet.
func IsPrefetch(c *fiber.Ctx) bool {
	h := &c.Request().Header
	purpose := h.Peek("Sec-Purpose")
	return bytes.Contains(purpose, []byte("prefetch")) || bytes.Contains(purpose, []byte("prerender")) ||
		bytes.Equal(h.Peek("Purpose"), []byte("prefetch")) || bytes.Equal(h.Peek("X-Moz"), []byte("prefetch"))
}

// isFetch reports whether a script asks, and not a person who goes to a page.
// An old browser does not say, and is taken for a person.
func isFetch(c *fiber.Ctx) bool {
	return bytes.Equal(c.Request().Header.Peek("Sec-Fetch-Dest"), []byte("empty"))
}
