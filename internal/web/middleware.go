package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/hosts"
	"pagesession/internal/page"
)

// middleware stands before every page and file. It is one handler because /get/ is
// asked for so often. A probe may use any address, so its host is not checked.
func (s *site) middleware(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = s.panicked(c, p)
		}
	}()
	s.headers.CopyTo(&c.Response().Header)
	if !knownHost(s.AllowedHosts, c.Request()) && !isProbe(c.Path()) {
		return page.Status(fiber.StatusBadRequest)
	}
	if !s.sameOrigin(c) {
		return page.Status(fiber.StatusForbidden)
	}
	return c.Next()
}

// knownHost reports whether the request is for an allowed host. An absolute request
// target wins over the Host header in fasthttp, so both have to be allowed.
func knownHost(allowed hosts.List, req *fasthttp.Request) bool {
	header, target := req.Header.Host(), req.URI().Host()
	return allowed.Allows(header) && (bytes.Equal(header, target) || allowed.Allows(target))
}

// sameOrigin reports whether a request may change something: any that is not safe
// has to come from a page of this origin or from none, by the rules of
// http.CrossOriginProtection, which gets an http.Request with what it reads.
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
	return s.crossOrigin.Check(req) == nil
}

// fromOtherSite reports whether a page of another origin sent the visitor here.
// Sec-Fetch-Site is set by the browser, never by a page; an old browser or a
// tool that sends none is believed, as are a typed address and a bookmark.
func fromOtherSite(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return true
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
