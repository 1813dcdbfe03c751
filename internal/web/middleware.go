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

// middleware stands before every page and file. It is one handler, not four,
// since /get/ is asked for tens of thousands of times a second. A probe names
// the server by whatever address it found, so its host is not checked.
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

// knownHost reports whether the request is for one of the allowed hosts. The
// Host header and the host that fasthttp made of it are not always the same: an
// absolute request target wins over the header, and what stands before an @ is
// cut off. Both have to be allowed.
func knownHost(allowed hosts.List, req *fasthttp.Request) bool {
	header, target := req.Header.Host(), req.URI().Host()
	return allowed.Allows(header) && (bytes.Equal(header, target) || allowed.Allows(target))
}

// sameOrigin reports whether a request may change something: safe methods pass,
// any other must come from a page of this origin or from no page at all, by the
// rules of http.CrossOriginProtection. That takes an http.Request, so it gets one
// with the four things that it reads.
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

// rejectPrefetch answers a prefetch or a prerender with a 503 instead of the
// page. A browser may fetch a link ahead because it guesses a click. The visitor has
// seen nothing yet, so the session must not be extended, started or ended. A harmless
// 200 would be worse: it would be kept and shown at the click, and the
// real request never made. On an error the browser throws the copy away and asks
// again when the visitor really comes.
func rejectPrefetch(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if page.IsPrefetch(c) {
			return page.Status(fiber.StatusServiceUnavailable)
		}
		return next(c)
	}
}

// panicked logs a handler's panic and turns it into a plain 500. The path is
// one that is served, or it could not have panicked, and so is safe to log; the
// query may hold a name and is left out.
func (s *site) panicked(c *fiber.Ctx, p any) error {
	s.logError(c, slog.LevelError, "a handler panicked",
		slog.String("method", c.Method()), slog.String("path", c.Path()),
		slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
	return page.Status(fiber.StatusInternalServerError)
}
