package console_test

import (
	"context"
	"fmt"
	"testing"

	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/session"
	"pagesession/storage/record"
)

// away are visitors' sessions on a session server that does not answer.
type away struct{ control.Lister }

var errServerAway = fmt.Errorf("redis: %w", session.ErrUnavailable)

func (away) List(context.Context, record.Query) (record.Page, error) {
	return record.Page{}, errServerAway
}

func (away) Find(context.Context, record.Handle) (record.Row, error) {
	return record.Row{}, errServerAway
}

func (away) Sweep(context.Context) (int, error) { return 0, errServerAway }

// Sessions that cannot be asked for are never sessions that are missing.
func TestSessions_Unavailable(t *testing.T) {
	d := watchers(t, func(cfg *console.Config) { cfg.Visitors = away{cfg.Visitors} })
	h, ada := d.visitor("Pema"), d.as("ada")
	for _, address := range []string{"/admin/sessions/", "/admin/sessions/?q=Pema", sessionAt(h), "/admin/sessions/state/?h=" + h.String(), "/admin/sessions/end-all/"} {
		if a := ada.get(address).Wants(503, "Temporarily unavailable"); a.Header.Get("Retry-After") == "" {
			t.Errorf("GET %s has no Retry-After", address)
		}
	}
	ada.post("/admin/sessions/" + h.String() + "/end/").Wants(503)
	ada.post("/admin/sessions/end/", "handle", h.String(), "sure", "yes").Wants(503)
	ada.post("/admin/sessions/clear/").Wants(503)
	if !d.live(h) {
		t.Error("the session has ended")
	}
	d.wantEntries(t)
}
