package console

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

// A route is one URL of the console. The zero need is superuser: what does not
// say whom it is for is for nobody else.
type route struct {
	path string
	need need
	get  handler // answers HEAD too
	post handler

	// still marks what a page asks for by itself: it slides nobody's session.
	still bool
}

// A handler answers a request that has been let in.
type handler func(*visit) error

// table is every page and endpoint.
func (s *console) table() []route {
	return []route{
		{path: "/admin/login/", need: anyone, get: s.loginForm, post: s.login},
		{path: "/admin/logout/", need: anyone, post: s.logout},
		{path: "/admin/theme/", need: anyone, post: s.theme},
		{path: "/admin/first-run/", need: anyone, get: s.firstRunForm, post: s.firstRun},

		{path: "/admin/session/", need: anyone, get: s.ownPeek, still: true},
		{path: "/admin/session/refresh/", need: anyone, post: s.ownRefresh},

		{path: "/admin/", need: staff, get: s.home},
		{path: "/admin/stream/", need: can(account.ViewSession), get: s.dashboardStream, still: true},

		{path: "/admin/sessions/", need: can(account.ViewSession), get: s.sessionList},
		{path: "/admin/sessions/state/", need: can(account.ViewSession), get: s.sessionStates, still: true},
		{path: "/admin/sessions/end/", need: can(account.DeleteSession), post: s.sessionsEnd},
		{path: "/admin/sessions/end-all/", need: can(account.DeleteSession), get: s.sessionsEndAllForm, post: s.sessionsEndAll},
		{path: "/admin/sessions/clear/", need: can(account.DeleteSession), post: s.sessionsClear},
		{path: "/admin/sessions/:handle/", need: can(account.ViewSession), get: s.sessionShow},
		{path: "/admin/sessions/:handle/end/", need: can(account.DeleteSession), post: s.sessionEnd},

		{path: "/admin/password/", need: staff, get: s.passwordForm, post: s.passwordChange},
		{path: "/admin/own-sessions/", need: staff, get: s.ownSessions},
		{path: "/admin/own-sessions/end-others/", need: staff, post: s.ownSessionsEnd},

		{path: "/admin/users/", need: seeUsers, get: s.userList},
		{path: "/admin/users/add/", need: can(account.AddUser), get: s.userAddForm, post: s.userAdd},
		{path: "/admin/users/delete/", need: can(account.DeleteUser), get: s.usersDeleteForm, post: s.usersDelete},
		{path: "/admin/users/:id/", need: seeUsers, get: s.userShow, post: s.userChange},
		{path: "/admin/users/:id/password/", need: can(account.ChangeUser), get: s.userPasswordForm, post: s.userPassword},
		{path: "/admin/users/:id/delete/", need: can(account.DeleteUser), get: s.userDeleteForm, post: s.userDelete},
		{path: "/admin/users/:id/history/", need: seeUsers, get: s.userHistory},

		{path: "/admin/groups/", need: seeGroups, get: s.groupList},
		{path: "/admin/groups/add/", need: can(account.AddGroup), get: s.groupAddForm, post: s.groupAdd},
		{path: "/admin/groups/delete/", need: can(account.DeleteGroup), get: s.groupsDeleteForm, post: s.groupsDelete},
		{path: "/admin/groups/:id/", need: seeGroups, get: s.groupShow, post: s.groupChange},
		{path: "/admin/groups/:id/delete/", need: can(account.DeleteGroup), get: s.groupDeleteForm, post: s.groupDelete},
		{path: "/admin/groups/:id/history/", need: seeGroups, get: s.groupHistory},

		{path: "/admin/log/", need: can(account.ViewLogEntry), get: s.logList},
	}
}

// Who may change users or groups may look at them, too.
var (
	seeUsers  = can(account.ViewUser, account.ChangeUser)
	seeGroups = can(account.ViewGroup, account.ChangeGroup)
)

// can is the need of a permission, as account names it, or of one of several.
func can(oneOf ...account.Permission) need { return need{level: withPermission, permissions: oneOf} }

func (s *console) routes(app *fiber.App) {
	for _, r := range s.table() {
		app.All(r.path, s.guard(r))
		app.All(strings.TrimSuffix(r.path, "/"), s.guard(slashed(r)))
	}
	app.Use(s.guard(route{need: staff, get: notFound, post: notFound}))
}

// slashed is the route that sends /admin/users?q=x to /admin/users/?q=x. It lets
// in whom the other lets in, so that it tells nobody else what there is.
func slashed(r route) route {
	return route{need: r.need, still: true, get: func(v *visit) error {
		target := v.Path() + "/" // it was routed here, so it begins with /admin
		if query := v.Context().URI().QueryString(); len(query) > 0 {
			target += "?" + string(query)
		}
		return v.Redirect(target, fiber.StatusMovedPermanently)
	}}
}

func notFound(*visit) error { return status(fiber.StatusNotFound) }
