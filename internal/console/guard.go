package console

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/messages"
	"pagesession/internal/session"
)

// A need is what somebody has to be to be let in.
type need struct {
	level       level
	permissions []account.Permission // one of them is enough
}

type level uint8

const (
	onlySuperuser  level = iota // the zero value
	withPermission              // staff who have one of the permissions
	anyStaff
	nobody // also those who have not logged in
)

var (
	staff  = need{level: anyStaff}
	anyone = need{level: nobody}
)

// A visit is one request that has been let in.
type visit struct {
	*fiber.Ctx
	user account.User // the zero value on routes for anyone
	view session.View // of the console session
	told []messages.Message
}

// actor is who the audit log says it was.
func (v *visit) actor() account.Actor {
	return account.Console(v.user, address(v.Ctx))
}

// The values of a console session. The epoch changes with the user's password,
// and when he is disabled: a session with an older one is over.
const (
	userKey  = "user"
	epochKey = "epoch"
)

// guard lets a request in to a route, or answers that it does not: to whoever
// has not logged in with the login page, whatever the path and the method, so
// that nobody learns what there is.
func (s *console) guard(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		noStore(c)
		if c.Method() == fiber.MethodPost && !proven(c) {
			return status(fiber.StatusForbidden)
		}
		if len(c.Request().Header.ContentEncoding()) > 0 {
			return status(fiber.StatusUnsupportedMediaType) // a few bytes could unpack to gigabytes
		}
		v := &visit{Ctx: c}
		if r.need.level != nobody {
			if !s.knows(v, r.still) {
				return s.toLogin(c)
			}
			if !allows(v.user, r.need) {
				return status(fiber.StatusForbidden)
			}
		}
		return s.dispatch(v, r)
	}
}

// knows reports whether the request is somebody's who has logged in, and fills
// in who. A session whose user is gone or has a new password is ended.
func (s *console) knows(v *visit, still bool) bool {
	if v.view = s.look(v.Ctx, still); !v.view.Live() {
		return false
	}
	user, ok := s.userOf(v.view.Values)
	if !ok {
		_ = s.Sessions.End(v.Ctx) // it opens nothing any more, ended or not
		return false
	}
	v.user = user
	return true
}

func (s *console) look(c *fiber.Ctx, still bool) session.View {
	if still || c.Method() == fiber.MethodHead {
		return s.Sessions.Peek(c)
	}
	return s.Sessions.Refresh(c)
}

// userOf returns who a console session's values name, if they are still good.
func (s *console) userOf(values session.Values) (account.User, bool) {
	id, badID := strconv.ParseUint(values.String(userKey), 10, 64)
	epoch, badEpoch := strconv.ParseUint(values.String(epochKey), 10, 64)
	if badID != nil || badEpoch != nil {
		return account.User{}, false
	}
	return s.Accounts.Valid(id, epoch)
}

func allows(u account.User, n need) bool {
	switch n.level {
	case anyStaff:
		return u.Staff
	case withPermission:
		return slices.ContainsFunc(n.permissions, u.Can)
	default:
		return u.Superuser
	}
}

func (s *console) dispatch(v *visit, r route) error {
	switch method := v.Method(); {
	case r.get != nil && (method == fiber.MethodGet || method == fiber.MethodHead):
		return r.get(v)
	case r.post != nil && method == fiber.MethodPost:
		return r.post(v)
	}
	v.Set(fiber.HeaderAllow, allow(r))
	return status(fiber.StatusMethodNotAllowed)
}

func allow(r route) string {
	switch {
	case r.get == nil:
		return "POST"
	case r.post == nil:
		return "GET, HEAD"
	default:
		return "GET, HEAD, POST"
	}
}

// toLogin sends whoever is not known to the login page, and from there back to
// where he wanted to go, if that was a page.
func (s *console) toLogin(c *fiber.Ctx) error {
	target := "/admin/login/"
	if c.Method() == fiber.MethodGet {
		target += "?next=" + url.QueryEscape(string(c.Request().RequestURI()))
	}
	return c.Redirect(target, fiber.StatusSeeOther)
}

// proven reports whether the request comes from a page of this origin, which a
// browser says in a header that no page can set. Unlike the public pages, the
// console takes no form from whoever does not say.
func proven(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin":
		return true
	case "":
		origin, err := url.Parse(c.Get(fiber.HeaderOrigin))
		return err == nil && origin.Host != "" && origin.Host == string(c.Request().Header.Host())
	default:
		return false
	}
}
