package console

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/messages"
)

type loginPage struct {
	page
	Username, Next string
	Was            string // why the last session ended
	Wrong          string
	Unencrypted    bool
	Nobody         bool // there is no operator who could log in
}

// maxOwnSessions is how many sessions a user has at once; the oldest ends when
// one more begins.
const maxOwnSessions = 5

// whys are the reasons with which a page that was left behind comes here.
var whys = map[string]string{
	"idle":     "You were logged out because you did nothing for a while.",
	"absolute": "You were logged out because your session had reached its longest time. Log in again to go on.",
	"revoked":  "Your session was ended, by you elsewhere or by another operator, or by a new password.",
	"replaced": "You logged in elsewhere.",
	"deleted":  "You have logged out.",
}

// loginForm answers GET /admin/login/. Who is logged in already goes on.
func (s *console) loginForm(v *visit) error {
	next := nextOf(v.query("next"))
	if s.knows(v, true) {
		return v.Redirect(next, fiber.StatusSeeOther)
	}
	return s.showLogin(v, &loginPage{Next: next, Was: whys[v.query("was")]})
}

func (s *console) showLogin(v *visit, p *loginPage) error {
	v.user = account.User{}
	p.page = s.page(v, "Log in")
	p.Nobody = !s.Accounts.HasSuperuser()
	return v.Render("login", p)
}

// login answers POST /admin/login/. Whatever is wrong with name or password is
// said in the same words after the same time.
func (s *console) login(v *visit) error {
	p := &loginPage{Username: v.text("username"), Next: nextOf(v.field("next"))}
	user, err := s.Accounts.Authenticate(account.Credentials{
		Username: v.field("username"), Password: v.field("password"), Address: address(v.Ctx),
	})
	if err == nil {
		return s.welcome(v, user, p.Next)
	}
	if p.Wrong = loginWrong(err); p.Wrong == "" {
		return err
	}
	code := statusOf(err)
	setRetryAfter(v.Ctx, retryAfter(err, code))
	v.Status(code)
	p.Unencrypted = overHTTP(v.Get(fiber.HeaderOrigin))
	return s.showLogin(v, p)
}

// loginWrong is what the form says of an error; "": it is not for the form.
func loginWrong(err error) string {
	var throttled *account.ThrottledError
	switch {
	case errors.Is(err, account.ErrLogin):
		return "Please enter the correct username and password for a staff account. Both may be case-sensitive."
	case errors.As(err, &throttled):
		return "There were too many failed logins, and nothing was checked. Try again in " + inWords(throttled.RetryAfter) + "."
	case errors.Is(err, account.ErrBusy):
		return "Too many people are logging in at this moment. Please try again."
	default:
		return ""
	}
}

// welcome begins a session for a user, under a new id: one that the browser had
// before, of whomever, ends.
func (s *console) welcome(v *visit, user account.User, next string) error {
	if err := s.Sessions.End(v.Ctx); err != nil {
		return err
	}
	if _, err := s.Sessions.Start(v.Ctx, identify(user)); err != nil {
		return err
	}
	s.keepNewest(v, user.ID)
	return v.Redirect(next, fiber.StatusSeeOther)
}

func identify(user account.User) func(*fibersession.Session) error {
	return func(sess *fibersession.Session) error {
		sess.Set(userKey, strconv.FormatUint(user.ID, 10))
		sess.Set(epochKey, strconv.FormatUint(user.Epoch, 10))
		return nil
	}
}

// logout answers POST /admin/logout/.
func (s *console) logout(v *visit) error {
	known := s.knows(v, true)
	if err := s.Sessions.End(v.Ctx); err != nil {
		return err
	}
	if known {
		s.record(v, account.Record{Action: account.ActionLogout, Kind: account.KindUser, ObjectID: strconv.FormatUint(v.user.ID, 10), Object: v.user.Username})
	}
	s.tell(v, messages.Success, "logged.out")
	return v.Redirect("/admin/login/", fiber.StatusSeeOther)
}
