package web

import (
	"fmt"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/health"
	"pagesession/session"
	"pagesession/storage/redis"
)

// A store behind a network may not answer. A page that needs it is a 503, and
// the visitor keeps the cookie: the session may be well.
func TestEveryRoute_StoreUnavailable(t *testing.T) {
	app, f := newApp(t, session.View{})
	asked := 0
	for _, r := range new(site).table() {
		if isProbe(r.path) {
			continue
		}
		for _, method := range []string{fiber.MethodGet, fiber.MethodHead, fiber.MethodPost} {
			if r.For(method) == nil {
				continue
			}
			f.reset(liveView("Sonam"), f.store)
			f.lookErr, f.err = fmt.Errorf("network: %w", session.ErrUnavailable), session.ErrUnavailable
			a := ask(t, app, method, r.path, "")
			if f.called() == "" {
				continue
			}
			asked++
			if c := cookies(a); c != nil {
				t.Errorf("%s %s: Set-Cookie = %q; want none", method, r.path, c)
			}
			if a.StatusCode != 503 && a.StatusCode != 400 && a.StatusCode != 415 {
				t.Errorf("%s %s = %d; want 503", method, r.path, a.StatusCode)
			}
			checkHeaders(t, a)
		}
	}
	if asked < 8 {
		t.Errorf("only %d requests asked for the session; want those of all pages", asked)
	}
}

// Of sessions in a file an error says that nothing was changed. A session server may have
// done what was asked for, unless it is full.
func TestUnavailable_MayHaveBeenDone(t *testing.T) {
	const sure, unsure = "Nothing was changed", "it may have been done all the same"
	server := func() []health.File {
		return []health.File{health.OfRedis("redis://here", redis.Health{}, time.Now())}
	}
	for _, tc := range []struct {
		err        error
		files      func() []health.File
		has, lacks string
	}{
		{session.ErrUnavailable, nil, sure, unsure},
		{session.ErrUnavailable, server, unsure, sure},
		{session.ErrFull, server, sure, unsure},
	} {
		app, f := newApp(t, liveView("Sonam"), func(cfg *Config) { cfg.Files = tc.files })
		f.err = fmt.Errorf("network: %w", tc.err)
		a := ask(t, app, "POST", "/del/", "")
		if a.StatusCode != 503 {
			t.Errorf("POST /del/ = %d; want 503", a.StatusCode)
		}
		a.Has(tc.has)
		a.Lacks(tc.lacks)
	}
}
