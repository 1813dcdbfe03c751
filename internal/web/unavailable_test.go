package web

import (
	"fmt"
	"testing"

	"github.com/gofiber/fiber/v2"

	"pagesession/session"
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
