package console

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

type loginPage struct {
	frame
	Username, Next string
	Was            string // why the last session ended
	Wrong          string
	Unencrypted    bool
	NoOperator     bool // who could sign in
}

// whys are the reasons with which a page that was left behind comes here.
var whys = map[string]string{
	"idle":     "You were logged out because you did nothing for a while.",
	"absolute": "You were logged out because your session had reached its longest time. Log in again to go on.",
	"revoked":  "Your session was ended, by you elsewhere or by another operator, or by a new password.",
	"replaced": "You logged in elsewhere.",
	"deleted":  "You have logged out.",
}

// loginForm answers GET /admin/login/. Operators who are signed in already go on.
func (s *console) loginForm(r *request) error {
	next := nextOf(r.query("next"))
	known, err := s.loggedIn(r, true)
	if err != nil {
		return err
	}
	if known {
		return r.Redirect(next, fiber.StatusSeeOther)
	}
	return s.showLogin(r, &loginPage{Next: next, Was: whys[r.query("was")]})
}

func (s *console) showLogin(r *request, p *loginPage) error {
	r.user = account.User{}
	p.frame = s.frame(r, "Log in")
	p.NoOperator = !s.Accounts.HasSuperuser()
	return s.render(r, "login", p)
}

// login answers POST /admin/login/, alike for a wrong name and a wrong password.
func (s *console) login(r *request) error {
	p := &loginPage{Username: r.text("username"), Next: nextOf(r.field("next"))}
	user, err := s.Accounts.Authenticate(account.Credentials{
		Username: r.field("username"), Password: r.field("password"), Address: r.IP(),
	})
	if err == nil {
		return s.welcome(r, user, p.Next)
	}
	if p.Wrong = loginWrong(err); p.Wrong == "" {
		return err
	}
	refused(r, err)
	p.Unencrypted = dropsSecure(r.Get(fiber.HeaderOrigin))
	return s.showLogin(r, p)
}

// loginWrong is what the form says of an error; "" if it is not for the form.
func loginWrong(err error) string {
	var throttled *account.ThrottledError
	switch {
	case errors.Is(err, account.ErrSignIn):
		return "Please enter the correct username and password for a staff account. Both may be case-sensitive."
	case errors.As(err, &throttled):
		return "There were too many failed logins, and nothing was checked. Try again in " + inWords(throttled.RetryAfter) + "."
	case errors.Is(err, account.ErrBusy):
		return "Too many people are logging in at this moment. Please try again."
	default:
		return ""
	}
}

// welcome ends the session that the browser had and begins one for a user.
func (s *console) welcome(r *request, user account.User, next string) error {
	if err := s.Sessions.End(r.Ctx); err != nil {
		return err
	}
	if _, err := s.Sessions.Start(r.Ctx, identify(user)); err != nil {
		return err
	}
	s.keepNewest(r, user.ID)
	return r.Redirect(next, fiber.StatusSeeOther)
}

func identify(user account.User) func(*fibersession.Session) error {
	return func(sess *fibersession.Session) error {
		sess.Set(userKey, strconv.FormatUint(user.ID, 10))
		sess.Set(epochKey, strconv.FormatUint(user.Epoch, 10))
		return nil
	}
}

// logout answers POST /admin/logout/.
func (s *console) logout(r *request) error {
	known, err := s.loggedIn(r, true)
	if err != nil {
		return err
	}
	if err := s.Sessions.End(r.Ctx); err != nil {
		return err
	}
	if known {
		s.audit(r, account.Event{Action: account.ActionSignOut, Kind: account.KindUser, ObjectID: strconv.FormatUint(r.user.ID, 10), Object: r.user.Username})
	}
	s.flash(r, page.Success, "logged.out")
	return r.Redirect("/admin/login/", fiber.StatusSeeOther)
}

// dropsSecure reports whether browsers drop Secure cookies at this address.
func dropsSecure(page string) bool {
	u, err := url.Parse(page)
	if err != nil || u.Scheme != "http" {
		return false
	}
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return false
	}
	return true
}

// nextOf returns the page of the console that a form asks to go to next; the first
// page for anything else, which could be another site's.
func nextOf(asked string) string {
	const home = "/admin/"
	u, err := url.Parse(asked)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return home
	}
	if !strings.HasPrefix(asked, home) || strings.Contains(u.Path, "//") || strings.Contains(u.Path, "..") || strings.ContainsAny(asked, "\\\r\n\t") {
		return home
	}
	if strings.HasPrefix(u.Path, "/admin/login") || strings.HasPrefix(u.Path, "/admin/logout") {
		return home
	}
	return u.EscapedPath() + search(u)
}

func search(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	return "?" + u.RawQuery
}
