package web

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
)

// sameOrigin reports whether a request may change something: any that is not safe
// has to come from a page of this origin or from none, by the rules of
// http.CrossOriginProtection, which gets an http.Request with what it reads. That
// compares only hosts, so an http page of an https client is refused here.
func (s *site) sameOrigin(c *fiber.Ctx) bool {
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
	if strings.HasPrefix(req.Header.Get("Origin"), "http://") && client.HTTPS(c.Context()) {
		return false
	}
	return s.crossOrigin.Check(req) == nil
}

// needsProof reports whether a GET that changes something is only carried out after the
// visitor has pressed a button, because another site may have sent them here. Browsers
// say so in Sec-Fetch-Site, which no page can set, but only to https and localhost. At
// other addresses a page of this origin has to be named by Origin or Referer. A tool that
// names none is believed; a browser is not, since a page can have it leave Referer out.
func needsProof(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "none", "same-origin":
		return false
	case "":
	default:
		return true
	}
	sender, referer := c.Get(fiber.HeaderOrigin), c.Get(fiber.HeaderReferer)
	if sender == "" && referer == "" {
		return isBrowser(c)
	}
	return !client.IsOwnPage(c.Context(), sender) && !client.IsOwnPage(c.Context(), referer)
}

// isBrowser reports whether a browser asks for a page. All browsers call themselves
// Mozilla.
func isBrowser(c *fiber.Ctx) bool {
	return strings.HasPrefix(c.Get(fiber.HeaderUserAgent), "Mozilla/") && strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML)
}
