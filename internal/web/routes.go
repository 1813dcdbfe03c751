package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/page"
)

type methods = page.Methods[*fiber.Ctx]

type route struct {
	path string
	methods
}

// table is every probe, page and endpoint, with and without its slash.
func (s *site) table() []route {
	all := []route{
		{livePath, methods{Get: s.live}},
		{readyPath, methods{Get: s.readiness}},

		{"/", methods{Get: s.home}},
		{"/set/", methods{Get: rejectPrefetch(s.set), Post: rejectPrefetch(s.set)}},
		{"/get/", methods{Get: rejectPrefetch(s.get)}},
		{"/del/", methods{Get: rejectPrefetch(s.del), Post: rejectPrefetch(s.del)}},
		{"/session/", methods{Get: s.sessionShow}},
		{"/session/refresh/", methods{Post: rejectPrefetch(s.sessionRefresh)}},
		{"/session/stream/", methods{Get: s.sessionStream}},
		{"/session/timeout/", methods{Post: rejectPrefetch(s.sessionTimeout)}},
	}
	for _, r := range all {
		if path := strings.TrimSuffix(r.path, "/"); path != "" && path != r.path {
			slash := methods{Get: page.AddSlash}
			if r.Post != nil {
				slash.Post = page.AddSlash
			}
			all = append(all, route{path, slash})
		}
	}
	return all
}

// routes adds every route: the console, the table and the static files.
func (s *site) routes(app *fiber.App) {
	app.Use(s.middleware)
	if s.Console != nil {
		app.All("/admin", s.toConsole)
		app.All("/admin/*", s.toConsole)
	}
	for _, r := range s.table() {
		r.add(app)
	}
	for path, file := range s.files {
		route{path, methods{Get: file.Serve}}.add(app)
	}
}

// isConsole reports whether a request is for the console. Its guard has a stricter check
// of where a form comes from, and a page that says what is wrong.
func (s *site) isConsole(c *fiber.Ctx) bool {
	return s.Console != nil && (c.Path() == "/admin" || strings.HasPrefix(c.Path(), "/admin/"))
}

// toConsole hands a request over to the console.
func (s *site) toConsole(c *fiber.Ctx) error {
	s.Console(c.Context())
	return nil
}

// add answers every method, so that Fiber's own search for methods never runs.
func (r route) add(app *fiber.App) {
	for _, method := range fiber.DefaultMethods {
		handler := r.For(method)
		if handler == nil {
			handler = notAllowed(method, r.allow())
		}
		app.Add(method, r.path, handler)
	}
}

func (r route) allow() string { return r.Allow(fiber.MethodOptions) }

// notAllowed answers OPTIONS, and refuses other methods.
func notAllowed(method, allow string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allow)
		if isProbe(c.Path()) {
			page.NoStore(c)
		}
		if method == fiber.MethodOptions {
			c.Status(fiber.StatusNoContent)
			return nil
		}
		return page.Status(fiber.StatusMethodNotAllowed)
	}
}

// Handler returns app.Handler() for an outer server. Fiber answers unknown methods
// without our headers and Host check; here they come in as TRACE, which no path
// allows, and get our 404 or 405.
func Handler(app *fiber.App) fasthttp.RequestHandler {
	inner := app.Handler()
	return func(ctx *fasthttp.RequestCtx) {
		if !isKnown(ctx.Method()) {
			ctx.Request.Header.SetMethod(fiber.MethodTrace)
		}
		inner(ctx)
	}
}

// isKnown reports whether Fiber routes a method, without a search in a list.
func isKnown(method []byte) bool {
	switch string(method) {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodOptions,
		fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete, fiber.MethodConnect, fiber.MethodTrace:
		return true
	}
	return false
}
