package page

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Methods are a path's handlers, which take a C. Get answers HEAD too, and has
// to tell them apart where GET changes something.
type Methods[C any] struct {
	Get, Post func(C) error
}

// For returns the handler of a method; nil if the path does not allow it.
func (m Methods[C]) For(method string) func(C) error {
	switch method {
	case fiber.MethodGet, fiber.MethodHead:
		return m.Get
	case fiber.MethodPost:
		return m.Post
	default:
		return nil
	}
}

// Allow is the Allow header of the path: "GET, HEAD, POST", then more.
func (m Methods[C]) Allow(more ...string) string {
	var all []string
	if m.Get != nil {
		all = append(all, fiber.MethodGet, fiber.MethodHead)
	}
	if m.Post != nil {
		all = append(all, fiber.MethodPost)
	}
	return strings.Join(append(all, more...), ", ")
}

// AddSlash redirects /get?x=1 to /get/?x=1. The path was routed, so it cannot lead
// to another host. A POST gets a 308, so that the browser posts its form again.
func AddSlash(c *fiber.Ctx) error {
	target := c.Path() + "/"
	if query := c.Context().URI().QueryString(); len(query) > 0 {
		target += "?" + string(query)
	}
	code := fiber.StatusMovedPermanently
	if c.Method() == fiber.MethodPost {
		code = fiber.StatusPermanentRedirect
	}
	return c.Redirect(target, code)
}
