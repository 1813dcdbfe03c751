package console

import (
	"errors"
	"log/slog"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/session"
	"pagesession/storage/record"
)

type loginPage struct {
	frame
	Username, Next string
	Was            string // why the last session ended
	Ended          string // the same in a word, for scripts
	Wrong          string
	Dropped        bool    // the browser did not keep the cookie of a sign-in
	Drops          bool    // no browser keeps it at this address
	Tunnel         *tunnel // what helps then; nil if there is none
	NoOperator     bool    // who could sign in
	Passkeys       bool    // browsers allow them at this address
}

// Parameters of the sign-in page: where to go next, and why it is shown.
const (
	nextParameter = "next"
	wasParameter  = "was"
)

// wasTimedOut is the reason where the store does not know which timeout it was, as Redis.
const wasTimedOut = "timeout"

// wasDropped is the reason when the browser does not bring the cookie of a sign-in.
const wasDropped = "dropped"

// signInAgain is the sign-in page with a reason. It leads on to next.
func signInAgain(next, was string) string {
	return "/admin/login/?" + nextParameter + "=" + url.QueryEscape(next) + "&" + wasParameter + "=" + was
}

// whys say why a session ended, to an operator who has to sign in again.
var whys = map[string]string{
	"idle":             "You were signed out after a time without activity.",
	wasTimedOut:        "You were signed out after a time without activity, or because your session reached its maximum length.",
	"absolute":         "You were signed out because your session reached its maximum length. Sign in again to continue.",
	"revoked":          "You were signed out: your session was ended elsewhere, your password was changed, or your account can no longer sign in.",
	"replaced":         "You were signed out because you signed in elsewhere. Only your newest sessions are kept.",
	"deleted":          "You have signed out.",
	wasUnfinished:      "Your sign-in was not finished: it took more than five minutes, your account has changed meanwhile, or your browser does not keep cookies. Sign in again.",
	session.WhySeveral: "This browser sent the cookies of several live sessions, so none of them counts. Sign in again. If you see this once more, delete this site’s cookies in your browser.",
}

// loginForm answers GET /admin/login/. Operators who are signed in already go on.
func (s *console) loginForm(r *request) error {
	next := nextOf(r.query(nextParameter))
	known, err := s.loggedIn(r, true)
	if err != nil {
		return err
	}
	if known {
		return r.Redirect(next, fiber.StatusSeeOther)
	}
	was := r.query(wasParameter)
	p := &loginPage{Next: next, Was: whys[was], Dropped: was == wasDropped}
	if p.Was != "" && was != wasTimedOut { // of that, other tabs know better which it was
		p.Ended = was
	}
	return s.showLogin(r, p)
}

func (s *console) showLogin(r *request, p *loginPage) error {
	has, err := s.Accounts.HasSuperuser(r.UserContext())
	if err != nil {
		return err
	}
	r.user, p.NoOperator = account.User{}, !has
	if p.Drops = dropsCookies(r.Ctx); p.Drops {
		p.Tunnel = tunnelTo(r.Ctx)
	}
	_, why := passkeySite(r.Ctx)
	p.Passkeys = why == ""
	p.frame = s.frame(r, "Sign in")
	return s.render(r, "login", p)
}

// login answers POST /admin/login/, alike for a wrong name and a wrong password.
func (s *console) login(r *request) error {
	p := &loginPage{Username: r.text("username"), Next: nextOf(r.field(nextParameter))}
	user, err := s.Accounts.Authenticate(r.UserContext(), account.Credentials{
		Username: r.field("username"), Password: r.field("password"), Address: r.IP(), Device: s.devices.of(r.Ctx),
	})
	if err == nil {
		return s.welcome(r, user, byPassword, p.Next)
	}
	if need := (*account.SecondFactorError)(nil); errors.As(err, &need) {
		return s.toSecondStep(r, need, p.Username, p.Next)
	}
	if p.Wrong = loginWrong(err); p.Wrong == "" {
		return err
	}
	s.refusals.signIn(r, r.field("username"), err)
	refused(r, err)
	return s.showLogin(r, p)
}

// loginWrong is what the form says of an error; "" if it is not for the form.
func loginWrong(err error) string {
	var throttled *account.ThrottledError
	switch {
	case errors.Is(err, account.ErrSignIn):
		return "Sign-in failed. Enter the correct username and password of an active staff account. Both are case-sensitive. If you cannot sign in, ask a superuser."
	case errors.As(err, &throttled):
		return "There were too many failed sign-ins, so this attempt was not checked. Try again in " + tryAgain(throttled) + "."
	case errors.Is(err, account.ErrBusy):
		return "Too many users are signing in at the moment. Try again."
	default:
		return ""
	}
}

// tryAgain says when the next attempt can be checked: "20 s".
func tryAgain(t *account.ThrottledError) string {
	in := text.ShortDuration(t.RetryAfter)
	if t.Reserved {
		in += ", and within " + text.ShortDuration(account.ReservedFor) + " after that"
	}
	return in
}

// welcome ends the session that the browser had and begins one for a user. From now on the
// browser is known as one in which this user has signed in. It leads to
// the sign-in page, which leads a browser with the cookie on to next, and tells the
// others that they are not signed in. Of several live sessions it ends none, because one
// may be another's.
func (s *console) welcome(r *request, user account.User, method, next string) error {
	if err := s.Sessions.End(r.Ctx); failedToEnd(err) && !errors.Is(err, session.ErrAmbiguous) {
		return err
	}
	if _, err := s.Sessions.Start(r.Ctx, identify(user, method)); err != nil {
		return err
	}
	s.keepNewest(r, user.ID, s.Sessions, func(row record.Row) bool { return !isWall(row) }, maxUserSessions)
	if err := s.devices.remember(r.Ctx, user.ID); err != nil {
		s.Logger.Error("device cookie could not be made", slog.Any("error", err))
	}
	return r.Redirect(signInAgain(next, wasDropped), fiber.StatusSeeOther)
}

func identify(user account.User, method string) func(*fibersession.Session) error {
	return func(sess *fibersession.Session) error {
		sess.Set(userKey, strconv.FormatUint(user.ID, 10))
		sess.Set(epochKey, strconv.FormatUint(user.Epoch, 10))
		sess.Set(methodKey, method)
		return nil
	}
}

// logout answers POST /admin/logout/. It needs no accounts: while they are unavailable
// the session ends all the same, and the audit log lacks it.
func (s *console) logout(r *request) error {
	known, err := s.loggedIn(r, true)
	if err != nil && !isAway(err) {
		return err
	}
	signOut := account.Event{
		Action: account.ActionSignOut, Kind: account.KindUser,
		ObjectID: r.view.Values.String(userKey), Object: r.user.Username,
	}
	later := s.Sessions.End(r.Ctx)
	if errors.Is(later, session.ErrAmbiguous) {
		return toLogin(r)
	}
	if failedToEnd(later) {
		return later
	}
	if known {
		s.audit(r, signOut)
	} else if err != nil {
		s.notAudited(r, &control.NotAuditedError{Entries: []account.Event{signOut}, Err: err})
	}
	if later != nil {
		s.flash(r, page.Warning, "signed.out.later")
	} else {
		s.flash(r, page.Success, "logged.out")
	}
	return r.Redirect("/admin/login/", fiber.StatusSeeOther)
}

// nextOf returns the page of the console that a form asks to go to next; the
// dashboard for anything else, which could be another site's.
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
