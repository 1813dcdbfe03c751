package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

// A FirstRun is the secret in the one-time link that makes the first superuser.
// It works for FirstRunTime, until there is a superuser, and only for a browser
// on this machine.
type FirstRun struct {
	hash  [sha256.Size]byte
	until time.Time
}

// FirstRunTime is how long the link works.
const FirstRunTime = 30 * time.Minute

// NewFirstRun returns a secret and the text that stands in the link. Only its
// hash is kept.
func NewFirstRun(now time.Time) (first *FirstRun, secret string) {
	secret = rand.Text()
	return &FirstRun{hash: sha256.Sum256([]byte(secret)), until: now.Add(FirstRunTime)}, secret
}

func (f *FirstRun) opens(secret string, now time.Time) bool {
	hash := sha256.Sum256([]byte(secret))
	return f != nil && now.Before(f.until) && subtle.ConstantTimeCompare(hash[:], f.hash[:]) == 1
}

type firstRunPage struct {
	page
	Key string
	form
	Username, Email string
	Rules           []string
}

// firstRunForm answers GET /admin/first-run/?key=.
func (s *console) firstRunForm(v *visit) error {
	if !s.isFirst(v, v.query("key")) {
		return s.firstRunOver(v)
	}
	return s.showFirstRun(v, &firstRunPage{Key: v.query("key"), Username: "admin"})
}

func (s *console) showFirstRun(v *visit, p *firstRunPage) error {
	p.page, p.Rules = s.page(v, "Create the first operator"), account.PasswordHelp()
	p.Here = "/admin/" // not the address, which has the secret
	return v.Render("first_run", p)
}

// firstRunOver answers a link that does not work, any more or from here or ever:
// always in the same words, so that it tells nobody which.
func (s *console) firstRunOver(v *visit) error {
	p := errorPage{
		page: s.page(v, "This link does not work"), Code: fiber.StatusNotFound,
		What: "It makes the first operator, once, within half an hour of the start, in a browser on the server’s own machine.",
		Do:   "If there is an operator already, log in. If there is none, start the server again for a new link, or run “pagesession createsuperuser”.",
	}
	p.Here = "/admin/" // not the address, which may have a secret
	v.Status(p.Code)
	return v.Render("error", &p)
}

// isFirst reports whether this request may make the first superuser.
func (s *console) isFirst(v *visit, secret string) bool {
	ip := net.ParseIP(address(v.Ctx))
	return ip != nil && ip.IsLoopback() && s.FirstRun.opens(secret, s.Now()) && !s.Accounts.HasSuperuser()
}

// firstRun answers POST /admin/first-run/, and logs the new superuser in.
func (s *console) firstRun(v *visit) error {
	p := &firstRunPage{Key: v.field("key"), Username: v.text("username"), Email: v.text("email")}
	if !s.isFirst(v, p.Key) {
		return s.firstRunOver(v)
	}
	password, differ := twice(v)
	by := account.Actor{Name: p.Username, Address: address(v.Ctx), Via: account.ViaFirstRun}
	user, err := s.Accounts.CreateFirstSuperuser(by, account.User{Username: p.Username, Email: p.Email}, password)
	if err == nil {
		return s.firstLogin(v, user, password)
	}
	if errors.Is(err, account.ErrNotFirst) {
		return s.firstRunOver(v)
	}
	if err := s.explain(v, &p.form, err); err != nil {
		return err
	}
	p.tellDiffer(differ)
	return s.showFirstRun(v, p)
}

// firstLogin logs the new superuser in as if he had typed it all again, so that
// the audit log says so.
func (s *console) firstLogin(v *visit, user account.User, password string) error {
	user, err := s.Accounts.Authenticate(account.Credentials{Username: user.Username, Password: password, Address: address(v.Ctx)})
	if err != nil { // he is there all the same
		return v.Redirect("/admin/login/", fiber.StatusSeeOther)
	}
	return s.welcome(v, user, "/admin/")
}
