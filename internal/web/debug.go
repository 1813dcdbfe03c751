package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"slices"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/basepath"
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

// newRequestID returns 64 random bits. A request header's id is never logged.
func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process instead
	return hex.EncodeToString(b[:])
}

type requestIDKey struct{}

// requestID is the id of a request that fails, always the same; "" without --debug.
func (s *site) requestID(c *fiber.Ctx) string {
	if !s.Debug {
		return ""
	}
	id, ok := c.Locals(requestIDKey{}).(string)
	if !ok {
		id = newRequestID()
		c.Locals(requestIDKey{}, id)
	}
	return id
}

func (s *site) debugInfo(c *fiber.Ctx) *debugInfo {
	if !s.Debug {
		return nil
	}
	return newDebugInfo(s.requestID(c), s.BasePath)
}

// logError logs what made an error page, with the id that the page shows.
func (s *site) logError(c *fiber.Ctx, level slog.Level, msg string, attrs ...slog.Attr) {
	if id := s.requestID(c); id != "" {
		attrs = append(attrs, slog.String("request", id))
	}
	s.Logger.LogAttrs(context.Background(), level, msg, attrs...)
}
