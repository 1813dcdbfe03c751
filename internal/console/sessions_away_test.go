package console_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

func (away) FindMany(context.Context, []record.Handle) ([]record.Row, error) {
	return nil, errServerAway
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

// awayServer is a session server, listed by position, that does not answer.
type awayServer struct{ away }

func (awayServer) ByPosition() bool { return true }

// While the session server is away its pages say what to do, and the rest of the console
// goes on.
func TestSessions_ServerAway(t *testing.T) {
	d := watchers(t, func(cfg *console.Config) { cfg.Visitors = awayServer{away{cfg.Visitors}} })
	h, ada := d.visitor("Pema"), d.as("ada")
	says := []string{"<h1>Sessions unavailable</h1>", "check that Redis runs and that this machine reaches it", "users, groups and the audit log work as usual", ">Audit log</a>"}
	for _, address := range []string{"/admin/sessions/", "/admin/sessions/?q=Pema", sessionAt(h), "/admin/sessions/state/?h=" + h.String(), "/admin/sessions/end-all/"} {
		a := ada.get(address).Wants(503, says...).Wants(503, `<a class="button main" href="">Try again`).Lacks("in part", "Nothing was changed")
		if a.Header.Get("Retry-After") == "" {
			t.Errorf("GET %s has no Retry-After", address)
		}
	}
	for _, address := range []string{"/admin/sessions/" + h.String() + "/end/", "/admin/sessions/clear/"} {
		ada.post(address).Wants(503, says...).Wants(503, "may have been done in part", `<a class="button main" href="/admin/">Try again`).Lacks("Nothing was changed")
	}
	for _, address := range []string{"/admin/", "/admin/users/", "/admin/groups/", "/admin/log/", "/admin/own-sessions/"} {
		ada.get(address).Wants(200).Lacks("Redis is", "Sessions unavailable") // a figure of the dashboard is of Redis
	}
	// Each open list asks every 2 s: the log has a line a second at most.
	if n := strings.Count(d.log.String(), "the session server could not be asked"); n != 1 {
		t.Errorf("the log says %d times in one instant that the session server could not be asked; want once", n)
	}
	d.wantEntries(t)
}

// What ended and is on too few replicas may come back.
func TestSessions_TooFewReplicas(t *testing.T) {
	d := watchers(t, func(cfg *console.Config) { cfg.Visitors = fewReplicas{byPosition{cfg.Visitors, cfg.Now, 100}} })
	h, other, ada := d.visitor("Pema"), d.visitor("Sonam"), d.as("ada")
	ada.post("/admin/sessions/" + h.String() + "/end/").Wants(303)
	ada.get("/admin/sessions/").Wants(200, "The session was ended, but fewer of Redis’s replicas have this than --redis-wait asks for.").Lacks("disk")
	ada.get("/admin/sessions/end-all/").Wants(200, "There is about 1 live session, counting those that timed out in the last minutes.", "<kbd>END ALL 1</kbd>")
	d.visitor("Karma")
	ada.get("/admin/sessions/end-all/").Wants(200, "There are about 2 live sessions, counting those that", "<kbd>END ALL 2</kbd>")
	ada.post("/admin/sessions/end-all/", "words", "END ALL 2", "live", "2").Wants(303)
	ada.get("/admin/sessions/").Wants(200, "2 sessions were ended, but fewer of Redis’s replicas")
	d.wantEntries(t, revokedBy("ada", h), "ada revoke_all session - - 2")
	if d.live(other) {
		t.Error("a session lives")
	}
}

// fewReplicas is a session server whose replicas do not have an end in time.
type fewReplicas struct{ control.Lister }

func (f fewReplicas) EndMany(ctx context.Context, keys []record.Key, why record.Reason) (int, error) {
	n, err := f.Lister.EndMany(ctx, keys, why)
	return n, errors.Join(err, session.ErrNotDurable)
}

func (f fewReplicas) EndAll(ctx context.Context, why record.Reason) (int, error) {
	n, err := f.Lister.EndAll(ctx, why)
	return n, errors.Join(err, session.ErrNotDurable)
}
