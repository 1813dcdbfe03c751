package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/client"
	"pagesession/internal/page"
)

// A FirstRun is the secret in the one-time link that makes the first superuser, in
// a browser on this machine, within FirstRunTime. The link has it behind a #, so browsers
// keep it out of their requests, and logs do not have it. A script or a person puts it into
// the form.
type FirstRun struct {
	hash  [sha256.Size]byte
	until time.Time
}

// probeCookie shows that a browser keeps cookies at the address of the link, before the
// link is used up.
var probeCookie = page.Cookie{Name: "firstrun", Path: FirstRunPath, SameSite: "Lax"}

const probe = "1" // its value

// FirstRunPath is the page of the link, as routes.go has it.
const FirstRunPath = "/admin/first-run/"

// FirstRunTime is how long the link works.
const FirstRunTime = 30 * time.Minute

// NewFirstRun returns a secret, of which it keeps the hash, and its text for the link.
func NewFirstRun(now time.Time) (first *FirstRun, secret string) {
	secret = rand.Text()
	return &FirstRun{hash: sha256.Sum256([]byte(secret)), until: now.Add(FirstRunTime)}, secret
}

// works reports whether the link works at this time; nil never does.
func (f *FirstRun) works(now time.Time) bool { return f != nil && now.Before(f.until) }

func (f *FirstRun) opens(secret string) bool {
	hash := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(hash[:], f.hash[:]) == 1
}

type firstRunPage struct {
	frame
	Key string
	form
	Username, Email string
	Rules           []string
}

// firstRunForm answers GET /admin/first-run/.
func (s *console) firstRunForm(r *request) error {
	return s.ifFirst(r, func() error { return s.showFirstRun(r, &firstRunPage{Username: "admin"}) })
}

// ifFirst calls do for a request that may make the first superuser, with the key. Others
// get a page that says why not.
func (s *console) ifFirst(r *request, do func() error) error {
	if !client.Local(r.Context()) {
		return s.firstRunElsewhere(r)
	}
	switch first, err := s.isFirst(r); {
	case err != nil:
		return err
	case !first:
		return s.firstRunRefused(r)
	}
	return do()
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

// isFirst reports whether a request with the key may make the first superuser now.
func (s *console) isFirst(r *request) (bool, error) {
	if !s.FirstRun.works(s.Now()) {
		return false, nil
	}
	return s.Accounts.FirstRun(r.UserContext())
}

// firstRun answers POST /admin/first-run/, and signs the new superuser in. A browser that
// does not bring the cookie of the form could not stay signed in, so it gets the form again.
func (s *console) firstRun(r *request) error {
	p := &firstRunPage{Key: r.field("key"), Username: r.text("username"), Email: r.text("email")}
	return s.ifFirst(r, func() error {
		switch {
		case !s.FirstRun.opens(p.Key):
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
	return s.welcome(r, user, "/admin/")
}
