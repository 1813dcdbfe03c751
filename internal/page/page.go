// Package page is the kit that the visitors' pages and the operators' console
// are made of: statuses and errors, flash notices, cookies, redirects, method
// tables, templates, prerendered pages, security headers and the clock's data.
// It knows nothing of sessions and accounts.
package page

import (
	"github.com/gofiber/fiber/v2"
)

// AppConfig returns the Fiber configuration that all pages share. It spells out
// what Fiber leaves lax by default: its routing ignores case and slashes, it
// believes any X-Forwarded header, and its error handler shows the error's text.
func AppConfig(name string, fail fiber.ErrorHandler) fiber.Config {
	return fiber.Config{
		AppName:                 name,
		ErrorHandler:            fail,
		StrictRouting:           true,
		CaseSensitive:           true,
		EnableTrustedProxyCheck: true,
		DisableStartupMessage:   true,

		// A torn multipart form is answered by its handler.
		DisablePreParseMultipartForm: true,
	}
}
