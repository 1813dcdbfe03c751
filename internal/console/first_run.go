package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/client"
	"pagesession/internal/page"
)

// A FirstRun knows the secret in the one-time link that makes the first superuser, in
// a browser on this machine, within FirstRunTime. The link has it behind a #, so browsers
// keep it out of their requests, and logs do not have it. A script or a person puts it into
// the form.
type FirstRun interface {
	// Digest returns the FirstRunDigest of the link that works at this time; "" if there is
	// none. Error: session.ErrUnavailable.
	Digest(ctx context.Context, now time.Time) (string, error)
}

// FirstRunDigest returns what has to be kept of a secret.
func FirstRunDigest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// OwnFirstRun is the FirstRun of a server that shares its operators with no other.
type OwnFirstRun struct {
	digest string
	until  time.Time
}

// Digest implements FirstRun.
func (f *OwnFirstRun) Digest(_ context.Context, now time.Time) (string, error) {
	if !now.Before(f.until) {
		return "", nil
	}
	return f.digest, nil
}

// probeCookie shows that a browser keeps cookies at the address of the link, before the
// link is used up.
var probeCookie = page.Cookie{Name: "firstrun", Path: FirstRunPath, SameSite: "Lax"}

const probe = "1" // its value

// FirstRunPath is the page of the link, as routes.go has it.
const FirstRunPath = "/admin/first-run/"

// FirstRunTime is how long the link works.
const FirstRunTime = 30 * time.Minute

// NewFirstRun returns a secret for the link, of which it keeps the digest.
func NewFirstRun(now time.Time) (first *OwnFirstRun, secret string) {
	secret = rand.Text()
	return &OwnFirstRun{FirstRunDigest(secret), now.Add(FirstRunTime)}, secret
}

type firstRunPage struct {
	frame
	Key string
	form
	Username, Email string
	Rules           []string
}

// firstRunForm answers GET /admin/first-run/. It leads an operator who is signed in to the
// dashboard.
func (s *console) firstRunForm(r *request) error {
	switch known, err := s.loggedIn(r, true); {
	case err != nil:
		return err
	case known:
		return r.Redirect("/admin/", fiber.StatusSeeOther)
	}
	return s.ifFirst(r, func(string) error { return s.showFirstRun(r, &firstRunPage{Username: "admin"}) })
}

// ifFirst calls do, with the digest of the link, for a request that may make the first
// superuser with it. Others get a page that says why not.
func (s *console) ifFirst(r *request, do func(digest string) error) error {
	if !client.Local(r.Context()) {
		return s.firstRunElsewhere(r)
	}
	switch digest, err := s.firstDigest(r); {
	case err != nil:
		return err
	case digest == "":
		return s.firstRunRefused(r)
	default:
		return do(digest)
	}
}

func (s *console) showFirstRun(r *request, p *firstRunPage) error {
	probeCookie.Below(s.BasePath).Set(r.Ctx, probe, FirstRunTime)
	p.frame, p.Rules = s.frame(r, "Create the first operator"), account.PasswordHelp()
	return s.render(r, "first_run", p)
}

// firstRunRefused answers every link that does not work with the same page.
func (s *console) firstRunRefused(r *request) error {
	return s.showRefusal(r, "This link does not work", errorPage{
		Code: fiber.StatusNotFound,
		What: "The link creates the first operator. It works once, within 30 minutes of the server’s start, in a browser on the server’s own machine.",
		Do:   "If there is an operator, sign in. Otherwise run “pagesession createsuperuser”, or restart the server for a new link, which it makes only for a database that is new.",
	})
}

// firstRunElsewhere answers where the link never works, whatever its key.
func (s *console) firstRunElsewhere(r *request) error {
	p := errorPage{
		Code: fiber.StatusForbidden,
		What: "The link that creates the first operator works only in a browser on the server’s own machine, without a reverse proxy in between.",
		Do:   "If there is an operator already, sign in. Otherwise run “pagesession createsuperuser” on the server.",
	}
	if to := tunnelTo(r.Ctx); to != nil {
		p.Do += " Or forward the server’s port to your machine with this command, then open the link there as the server printed it:"
		p.Run = to.Command
	}
	return s.showRefusal(r, "Open this link on the server itself", p)
}

func (s *console) showRefusal(r *request, title string, p errorPage) error {
	p.frame = s.frame(r, title)
	r.Status(p.Code)
	return s.render(r, "error", &p)
}

// firstDigest returns the digest of the link by which a request may make the first superuser
// now; "" if there is none.
func (s *console) firstDigest(r *request) (string, error) {
	if s.FirstRun == nil {
		return "", nil
	}
	digest, err := s.FirstRun.Digest(r.UserContext(), s.Now())
	if err != nil || digest == "" {
		return "", err
	}
	first, err := s.Accounts.FirstRun(r.UserContext())
	if err != nil || !first {
		return "", err
	}
	return digest, nil
}

// isDigestOf reports whether a digest is that of a secret.
func isDigestOf(digest, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(digest), []byte(FirstRunDigest(secret))) == 1
}

// firstRun answers POST /admin/first-run/, and signs the new superuser in. A browser that
// does not bring the cookie of the form could not stay signed in, so it gets the form again.
func (s *console) firstRun(r *request) error {
	p := &firstRunPage{Key: r.field("key"), Username: r.text("username"), Email: r.text("email")}
	return s.ifFirst(r, func(digest string) error {
		switch {
		case !isDigestOf(digest, p.Key):
			wrong := account.ValidationErrors{"key": {"This is not the key of this start of the server. It is what stands behind “#key=” in the link that the server printed."}}
			return s.firstRunAgain(r, p, wrong)
		case !slices.Contains(probeCookie.Values(r.Ctx), probe):
			p.Wrong = "Nothing was created, and the link still works: your browser did not send this page’s cookie back, so you could not stay signed in. Allow cookies for this address, then try again."
			r.Status(fiber.StatusUnprocessableEntity)
			return s.showFirstRun(r, p)
		}
		return s.createFirst(r, p)
	})
}

// createFirst makes the first superuser of a form, and signs them in.
func (s *console) createFirst(r *request, p *firstRunPage) error {
	typed := account.User{Username: p.Username, Email: p.Email}
	password, differ := typedTwice(r, typed)
	by := account.Actor{Name: p.Username, Address: r.IP(), Via: account.ViaFirstRun}
	user, err := s.Accounts.CreateFirstSuperuser(r.UserContext(), by, typed, password)
	switch {
	case err == nil:
		probeCookie.Below(s.BasePath).Delete(r.Ctx)
		return s.firstLogin(r, user, password)
	case errors.Is(err, account.ErrNotFirst):
		return s.firstRunRefused(r)
	}
	return s.firstRunAgain(r, p, differing(err, differ))
}

// firstRunAgain shows the form with its mistakes.
func (s *console) firstRunAgain(r *request, p *firstRunPage, err error) error {
	return refuse(r, err, func(f form) error {
		p.form = f
		return s.showFirstRun(r, p)
	})
}

// firstLogin signs the new superuser in, which the audit log records.
func (s *console) firstLogin(r *request, user account.User, password string) error {
	user, err := s.Accounts.Authenticate(r.UserContext(), account.Credentials{Username: user.Username, Password: password, Address: r.IP(), Device: s.devices.of(r.Ctx)})
	if err != nil { // the user exists and can sign in later
		return r.Redirect("/admin/login/", fiber.StatusSeeOther)
	}
	return s.welcome(r, user, byPassword, "/admin/")
}
