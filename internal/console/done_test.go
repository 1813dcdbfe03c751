package console_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/session"
	"pagesession/storage/record"
)

// A change that is done is reported as done, whatever fails after it.

// unchanging is a policy whose sessions cannot be changed.
type unchanging struct{ console.Sessions }

func (unchanging) Update(*fiber.Ctx, func(*fibersession.Session) error) (session.View, error) {
	return session.View{}, fmt.Errorf("disk: %w", session.ErrUnavailable)
}

// A password that was changed is the new one, even if the session ends by it.
func TestPassword_SessionCannotGoOn(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Sessions = unchanging{cfg.Sessions} })
	d.superuser("ada")
	b := d.as("ada")
	a := b.post("/admin/password/", "old", password, "new1", password+"8", "new2", password+"8").Wants(303)
	if a.Leads() != "/admin/login/" {
		t.Errorf("leads to %s; want the login page", a.Leads())
	}
	b.get("/admin/login/").Wants(200, "Your password was changed")
	b.post("/admin/login/", "username", "ada", "password", password+"8").Wants(303)
}

func TestLogout_NotRecorded(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	d.refuseEntries()
	b.post("/admin/logout/").Wants(303)
	if b.Jar["adminid"] != "" {
		t.Error("the cookie is kept")
	}
	b.get("/admin/login/").Wants(200, "You have signed out.", "could not be written to the audit log")
}

// A sign-in that began its session is not taken back because an older one stays:
// the operator would be out, and the session there.
func TestLogin_OldestStays(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Operators = failing{Lister: cfg.Operators} })
	d.superuser("ada")
	for range 5 {
		d.as("ada")
	}
	d.as("ada").get("/admin/").Wants(200)
	if n, log := d.operator.Stats().Sessions, d.log.String(); n != 6 || !strings.Contains(log, "oldest sessions of an operator could not be ended") {
		t.Errorf("%d sessions; want 6, and the log to say so:\n%s", n, log)
	}
}

// unending is a policy on a store that fails after it has ended so many of a
// subject's sessions.
type unending struct {
	console.Sessions
	policy *session.Policy
}

func (u unending) Policy() *session.Policy { return u.policy }

type failingSubject struct {
	session.Store
	ends int
}

func (f failingSubject) EndSubject(context.Context, string, record.Reason, ...record.Key) (int, error) {
	return f.ends, fmt.Errorf("disk: %w", session.ErrUnavailable)
}

func newUnending(t *testing.T, sessions console.Sessions, ends int) unending {
	t.Helper()
	cfg := sessions.Policy().Config()
	cfg.Store = failingSubject{cfg.Store, ends}
	policy, err := session.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return unending{sessions, policy}
}

func TestOwnSessionsEnd_Failures(t *testing.T) {
	for _, ends := range []int{0, 1} {
		d := openConsole(t, func(cfg *console.Config) { cfg.Sessions = newUnending(t, cfg.Sessions, ends) })
		d.superuser("ada")
		b := d.as("ada")
		done := b.post("/admin/own-sessions/end-others/", "old", password)
		noted := len(d.entries(account.EntryQuery{Action: account.ActionRevoke}))
		if noted != ends {
			t.Errorf("%d ends are noted; want %d", noted, ends)
		}
		if ends == 0 {
			done.Wants(503, "Nothing was changed")
			if log := d.log.String(); !strings.Contains(log, "session could not be written") || !strings.Contains(log, "path=/admin/own-sessions/end-others/") {
				t.Errorf("the log does not say so:\n%s", log)
			}
			continue
		}
		done.Wants(303)
		b.get("/admin/own-sessions/").Wants(200, "Only 1 of the sessions was ended.")
	}
}
