package console

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/client"
	"pagesession/internal/page"
	"pagesession/session"
	"pagesession/storage/record"
)

// A request is one that has passed the guard.
type request struct {
	*fiber.Ctx
	user account.User // the zero value on public routes
	view session.View // of the console session
}

// IP returns the client's address; "" if it is unknown, where Fiber's own is 0.0.0.0.
func (r *request) IP() string { return client.IP(r.Context()) }

// actor is the operator as the audit log names them.
func (r *request) actor() account.Actor { return account.Console(r.user, r.IP()) }

// The values of a console session. The epoch changes with the user's password,
// and when they are disabled: a session with an older one has ended.
const (
	userKey  = SubjectValue
	epochKey = "epoch"
	// methodKey says how they signed in: byPassword, or the second factor as account names it.
	// Sessions of earlier versions have none.
	methodKey  = "method"
	byPassword = account.FieldPassword
)

// guard lets a request in to a route, or refuses it. Before the sign-in every path
// and method leads to the sign-in page, so the answer does not reveal what exists.
func (s *console) guard(at route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		page.NoStore(c)
		c.Vary(fiber.HeaderCookie)
		if c.Method() == fiber.MethodPost {
			if err := checkForm(c); err != nil {
				return err
			}
		}
		if len(c.Request().Header.ContentEncoding()) > 0 {
			return page.Status(fiber.StatusUnsupportedMediaType) // a few bytes could unpack to gigabytes
		}
		r := &request{Ctx: c}
		if !at.public {
			switch known, err := s.loggedIn(r, at.still); {
			case err != nil:
				return err
			case !known:
				return toLogin(r)
			case !at.bare && s.mustSetUp(r.user):
				return setUpFirst(r)
			}
			if !at.access.admits(r.user) {
				return page.Status(fiber.StatusForbidden)
			}
		}
		if handle := at.do.For(r.Method()); handle != nil {
			return s.noting403(r, at, handle(r))
		}
		r.Set(fiber.HeaderAllow, at.do.Allow())
		return page.Status(fiber.StatusMethodNotAllowed)
	}
}

// noting403 logs a form that a handler refused with a page of its own. The sign-in has its
// own line, and fail logs errors.
func (s *console) noting403(r *request, at route, err error) error {
	if err == nil && !at.public && r.Response().StatusCode() == fiber.StatusForbidden {
		s.refusals.forbid(r, nil)
	}
	return err
}

// loggedIn reports whether an operator who has signed in sent the request, and
// fills in who. It ends a session whose user is gone, is disabled, or has a new
// password; the view says so.
func (s *console) loggedIn(r *request, still bool) (_ bool, err error) {
	if still || r.Method() == fiber.MethodHead {
		r.view, err = s.Sessions.Peek(r.Ctx)
	} else {
		r.view, err = s.Sessions.Refresh(r.Ctx)
	}
	if err != nil || !r.view.Live() {
		return false, err
	}
	user, ok, err := s.userOf(r.UserContext(), r.view.Values)
	if err != nil { // they may be valid: the session stays
		return false, err
	}
	if !ok {
		// The session is refused in any case. Revoked first, because the other pages of the
		// browser show the reason.
		if key, ok := s.Sessions.Token(r.Ctx).Key(); ok {
			_, _ = s.Sessions.Policy().Revoke(r.UserContext(), key)
		}
		_ = s.Sessions.End(r.Ctx)
		r.view = session.View{State: record.Ended, Reason: record.Revoked}
		return false, nil
	}
	r.user = user
	return true, nil
}

// userOf returns the user that a console session's values name; false if the user
// is gone or has another epoch. After an error the answer is unknown.
func (s *console) userOf(ctx context.Context, values session.Values) (_ account.User, ok bool, err error) {
	return s.userWith(ctx, values, epochKey)
}

// userWith is userOf for sessions that have the epoch under this key.
func (s *console) userWith(ctx context.Context, values session.Values, key string) (_ account.User, ok bool, err error) {
	id, badID := strconv.ParseUint(values.String(userKey), 10, 64)
	epoch, badEpoch := strconv.ParseUint(values.String(key), 10, 64)
	if badID != nil || badEpoch != nil {
		return account.User{}, false, nil
	}
	return s.Accounts.Valid(ctx, id, epoch)
}

// toLogin redirects to the sign-in page, which says why the session ended and
// leads back to the page asked for. A browser that asks for a stream gets 204, which
// ends its tries without an error (HTML, server-sent events); its script then asks why.
func toLogin(r *request) error {
	if r.Get(fiber.HeaderAccept) == "text/event-stream" {
		return r.SendStatus(fiber.StatusNoContent)
	}
	if r.Method() == fiber.MethodGet {
		return toLoginFor(r, string(r.Request().RequestURI()))
	}
	return toLoginFor(r, "")
}

// toLoginFor is toLogin that leads to another page; "" is the dashboard.
func toLoginFor(r *request, next string) error {
	query := url.Values{}
	if next != "" {
		query.Set(nextParameter, next)
	}
	if r.view.State == record.Ended {
		query.Set(wasParameter, cmp.Or(r.view.Reason.String(), wasTimedOut))
	}
	if r.view.Ambiguous {
		query.Set(wasParameter, session.WhySeveral)
	}
	target := "/admin/login/"
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return r.Redirect(target, fiber.StatusSeeOther)
}

// An access decides which operators are let in. Without one it is superusers.
type access func(account.User) bool

func staff(u account.User) bool { return u.Staff }

// Operators who may change users or groups, or end sessions of others, may look at them, too.
var (
	seeUsers    = can(account.ViewUser, account.ChangeUser)
	seeGroups   = can(account.ViewGroup, account.ChangeGroup)
	seeConsoles = can(account.ViewConsole, account.DeleteConsole)
)

// endsMatching is for operators who end what they search for.
func endsMatching(u account.User) bool {
	return u.Can(account.ViewSession) && u.Can(account.DeleteSession)
}

// can is the access of a permission, as account names it, or of one of several.
func can(oneOf ...account.Permission) access {
	return func(u account.User) bool { return slices.ContainsFunc(oneOf, u.Can) }
}

func (a access) admits(u account.User) bool {
	if a == nil {
		return u.Superuser
	}
	return a(u)
}
