package web

import (
	"context"
	"log/slog"
	"slices"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/basepath"
	"pagesession/internal/client"
	"pagesession/internal/page"
)

// debugInfo is what --debug adds to an error page: an id to find in the log, and
// the routes. It shows no environment, no data, no error and nothing of the request.
type debugInfo struct {
	Request string
	Routes  []string // "GET, HEAD, OPTIONS /get/"
}

func newDebugInfo(request string, base basepath.Path) *debugInfo {
	d := &debugInfo{Request: request}
	all := new(site).table()
	for i, path := range []string{"/robots.txt", "/favicon.ico", "/static/..."} { // after the probes
		all = slices.Insert(all, 2+i, route{path, methods{Get: page.AddSlash}})
	}
	for _, r := range all {
		d.Routes = append(d.Routes, r.allow()+" "+base.URL(r.path))
	}
	return d
}

func (s *site) debugInfo(c *fiber.Ctx) *debugInfo {
	if !s.Debug {
		return nil
	}
	return newDebugInfo(client.RequestID(c.Context()), s.BasePath)
}

// logError logs what made an error page, with the id that the access log has, and the page with
// --debug.
func (s *site) logError(c *fiber.Ctx, level slog.Level, msg string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("request", client.RequestID(c.Context())))
	s.Logger.LogAttrs(context.Background(), level, msg, attrs...)
}
