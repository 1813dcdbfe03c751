package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/assets"
)

// routes is the whole outside: the table, the probes and the static files.
// /livez and /readyz come before the front, since a probe names the server by
// whatever address it found.
func (s *site) routes(app *fiber.App, files assets.Files) {
	app.All("/livez", s.live)
	app.All("/readyz", s.readiness)

	app.Use(s.front)

	if s.console != nil {
		app.All("/admin", s.admin)
		app.All("/admin/*", s.admin)
	}
	for _, r := range s.table() {
		route(app, r.path, r.verbs)
	}
	for path, file := range files {
		route(app, path, verbs{get: file.Serve})
	}
}

// admin hands a request over to the console, whose cookies, errors and pages are
// its own.
func (s *site) admin(c *fiber.Ctx) error {
	s.console(c.Context())
	return nil
}

type row struct {
	path string
	verbs
}

// table is every page and endpoint.
func (s *site) table() []row {
	return []row{
		{"/", verbs{get: s.home}},
		{"/set/", verbs{get: notAhead(s.set), post: notAhead(s.set)}},
		{"/get/", verbs{get: notAhead(s.get)}},
		{"/del/", verbs{get: notAhead(s.del), post: notAhead(s.del)}},
		{"/session/", verbs{get: s.sessionShow}},
		{"/session/refresh/", verbs{post: notAhead(s.sessionRefresh)}},
		{"/session/timeout/", verbs{post: notAhead(s.sessionTimeout)}},

		{"/set", verbs{get: slashed, post: slashed}},
		{"/get", verbs{get: slashed}},
		{"/del", verbs{get: slashed, post: slashed}},
		{"/session", verbs{get: slashed}},
		{"/session/refresh", verbs{get: slashed, post: slashed}},
		{"/session/timeout", verbs{get: slashed, post: slashed}},
	}
}

// verbs are a path's handlers. get answers HEAD too and has to tell them apart
// where GET changes something; fasthttp leaves the body of a HEAD away.
type verbs struct{ get, post fiber.Handler }

func (v verbs) allow() string {
	switch {
	case v.get == nil:
		return "POST, OPTIONS"
	case v.post == nil:
		return "GET, HEAD, OPTIONS"
	default:
		return "GET, HEAD, POST, OPTIONS"
	}
}

func (v verbs) handler(method, allow string) fiber.Handler {
	switch {
	case (method == fiber.MethodGet || method == fiber.MethodHead) && v.get != nil:
		return v.get
	case method == fiber.MethodPost && v.post != nil:
		return v.post
	case method == fiber.MethodOptions:
		return options(allow)
	default:
		return notAllowed(allow)
	}
}

// route answers every method that Fiber knows, so that its own search for other
// methods, and the Allow header that this makes, never run.
func route(app *fiber.App, path string, v verbs) {
	allow := v.allow()
	for _, method := range fiber.DefaultMethods {
		app.Add(method, path, v.handler(method, allow))
	}
}

func options(allow string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allow)
		c.Status(fiber.StatusNoContent)
		return nil
	}
}

func notAllowed(allow string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allow)
		return status(fiber.StatusMethodNotAllowed)
	}
}

// slashed sends /get?x=1 to /get/?x=1. The path is one that was routed, so it
// cannot lead to another host. A POST is told to stay one (308): with a 301 a
// browser would come back with a GET, its form lost.
func slashed(c *fiber.Ctx) error {
	target := c.Path() + "/"
	if query := c.Context().URI().QueryString(); len(query) > 0 {
		target += "?" + string(query)
	}
	c.Set(fiber.HeaderLocation, target)
	if c.Method() == fiber.MethodPost {
		c.Status(fiber.StatusPermanentRedirect)
		return nil
	}
	c.Status(fiber.StatusMovedPermanently)
	return nil
}

// Handler returns app.Handler() for an outer server, with one gap closed. Fiber
// answers a method that it has never heard of by itself, without our headers
// or our Host check; here it comes in as a method that it knows and that no
// path allows, and so gets the 404 or the 405 that it deserves.
func Handler(app *fiber.App) fasthttp.RequestHandler {
	inner := app.Handler()
	return func(ctx *fasthttp.RequestCtx) {
		if !known(ctx.Method()) {
			ctx.Request.Header.SetMethod(fiber.MethodTrace)
		}
		inner(ctx)
	}
}

func known(method []byte) bool {
	switch string(method) {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodOptions,
		fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete, fiber.MethodConnect, fiber.MethodTrace:
		return true
	}
	return false
}
