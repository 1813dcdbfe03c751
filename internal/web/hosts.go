package web

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/hosts"
	"pagesession/internal/page"
)

// knownHost reports whether the request is for an allowed host. An absolute request
// target wins over the Host header in fasthttp, so both have to be allowed.
func knownHost(allowed hosts.List, req *fasthttp.Request) bool {
	return unknownHost(allowed, req) == nil
}

// unknownHost returns a copy of the host of a request that is not allowed, which may be
// empty; nil if all are allowed.
func unknownHost(allowed hosts.List, req *fasthttp.Request) []byte {
	header, target := req.Header.Host(), req.URI().Host()
	switch {
	case !allowed.Allows(header):
		return append([]byte{}, header...)
	case !bytes.Equal(header, target) && !allowed.Allows(target):
		return append([]byte{}, target...)
	}
	return nil
}

// isFile reports whether a request is for a static file.
func (s *site) isFile(c *fiber.Ctx) bool {
	_, there := s.files[c.Path()]
	return there && (c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead)
}

// errUnknownHost is the error of a request for a host that is not allowed.
var errUnknownHost = fmt.Errorf("unknown host: %w", page.Status(fiber.StatusBadRequest))

// refuseHost refuses a request for such a host, and has the log say how to allow it.
func (s *site) refuseHost(c *fiber.Ctx) error {
	if name := hosts.Name(unknownHost(s.AllowedHosts, c.Request())); name != "" {
		s.refused.report(name)
	}
	return errUnknownHost
}

// refusedHosts logs each refused name once. Anyone can ask for any name, so it writes at
// most one line a second, and at most maxRefused names an hour.
type refusedHosts struct {
	logger *slog.Logger
	now    func() time.Time

	mu    sync.Mutex          // protects what follows
	names map[string]struct{} // that the log has
	since time.Time           // when the first of them was logged
	last  time.Time           // when the newest was
}

// maxRefused bounds the names that are remembered. A server has few names of its own;
// the others are scanners'.
const maxRefused = 100

func (r *refusedHosts) report(name string) {
	if r.isNew(name, r.now()) {
		r.logger.LogAttrs(context.Background(), slog.LevelWarn, "refused host "+name+"; add it with --allowed-hosts, or have the reverse proxy pass the Host header on")
	}
}

// isNew reports whether a name is to be logged, and remembers it. A name that comes too
// soon after another is left for its next request.
func (r *refusedHosts) isNew(name string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.names) >= maxRefused && now.Sub(r.since) >= time.Hour {
		r.names = nil
	}
	if _, known := r.names[name]; known || len(r.names) >= maxRefused || len(r.names) > 0 && now.Sub(r.last) < time.Second {
		return false
	}
	if len(r.names) == 0 {
		r.names, r.since = map[string]struct{}{}, now
	}
	r.names[name], r.last = struct{}{}, now
	return true
}
