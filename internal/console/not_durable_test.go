package console_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

// unsyncedVisitors and unsyncedPolicy end sessions in memory only.
type unsyncedVisitors struct{ control.Lister }

func (v unsyncedVisitors) EndMany(ctx context.Context, keys []record.Key, why record.Reason) (int, error) {
	n, err := v.Lister.EndMany(ctx, keys, why)
	return n, errors.Join(err, session.ErrNotDurable)
}

func (v unsyncedVisitors) EndAll(ctx context.Context, why record.Reason) (int, error) {
	n, err := v.Lister.EndAll(ctx, why)
	return n, errors.Join(err, session.ErrNotDurable)
}

type unsyncedPolicy struct{ console.Sessions }

func (p unsyncedPolicy) End(c *fiber.Ctx) error {
	return errors.Join(p.Sessions.End(c), session.ErrNotDurable)
}

type unsyncedStore struct{ session.Store }

func (s unsyncedStore) EndSubject(ctx context.Context, subject string, why record.Reason, except ...record.Key) (int, error) {
	n, err := s.Store.EndSubject(ctx, subject, why, except...)
	return n, errors.Join(err, session.ErrNotDurable)
}

// Operators can always revoke. When the disk does not know yet, a warning says so.
func TestSessionsEnd_NotOnDisk(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Visitors = unsyncedVisitors{cfg.Visitors} })
	d.superuser("ada")
	one, two := d.visitor("Pema"), d.visitor("Sonam")
	b := d.as("ada")
	b.post("/admin/sessions/" + one.String() + "/end/").Wants(303)
	b.get("/admin/sessions/").Wants(200, "The session was ended, but this is not on disk yet")
	b.post("/admin/sessions/end-all/", "words", "END ALL 1", "live", "1").Wants(303)
	b.get("/admin/sessions/").Wants(200, "The session was ended, but this is not on disk yet")
	if d.live(one) || d.live(two) {
		t.Error("a session that was ended is live")
	}
	b.post("/admin/sessions/clear/").Wants(303)
	b.get("/admin/sessions/").Wants(200, "0 expired sessions were removed.").Lacks("not on disk")
}

func TestSignOut_NotOnDisk(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Sessions = unsyncedPolicy{cfg.Sessions} })
	d.superuser("ada")
	b := d.as("ada")
	if a := b.post("/admin/logout/").Wants(303); a.Leads() != "/admin/login/" {
		t.Errorf("leads to %s; want the sign-in page", a.Leads())
	}
	b.get("/admin/login/").Wants(200, "You have signed out, but this is not on disk yet")
}

// The other sessions of an operator, too: the store of the console's sessions is what
// says so.
func TestOwnSessions_NotOnDisk(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) {
		policy := cfg.Sessions.Policy().Config()
		policy.Store = unsyncedStore{policy.Store}
		sessions, err := fiberv2.New(fiberv2.Config{Config: policy})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Sessions = sessions
	})
	d.superuser("ada")
	b := d.as("ada")
	d.as("ada")
	b.post("/admin/own-sessions/end-others/", "old", password).Wants(303)
	b.get("/admin/own-sessions/").Wants(200, "1 of your other sessions were ended, but this is not on disk yet")
}
