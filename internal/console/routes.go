package console

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// A route is one URL of the console. Without an access it is for superusers.
type route struct {
	path   string
	access access
	do     methods
	public bool // also for those who have not signed in
	bare   bool // also for those who have to set up a second factor first
	still  bool // a page asks by itself, so it extends no session
}

// methods are handlers of requests that have been let in.
type methods = page.Methods[*request]

// table is every page and endpoint.
func (s *console) table() []route {
	users, groups := s.users(), s.groups()
	return []route{
		{path: "/admin/login/", public: true, do: methods{Get: s.loginForm, Post: s.login}},
		{path: "/admin/login/second/", public: true, do: methods{Get: s.secondStepForm, Post: s.secondStep}},
		{path: "/admin/login/second/passkey/", public: true, do: methods{Post: s.secondPasskey}},
		{path: "/admin/login/second/passkey/options/", public: true, do: methods{Post: s.secondPasskeyAsk}},
		{path: "/admin/login/passkey/", public: true, do: methods{Post: s.passkeyLogin}},
		{path: "/admin/login/passkey/options/", public: true, do: methods{Post: s.passkeyAsk}},
		{path: "/admin/logout/", public: true, do: methods{Post: s.logout}},
		{path: "/admin/theme/", public: true, do: methods{Post: s.theme}},
		{path: "/admin/first-run/", public: true, do: methods{Get: s.firstRunForm, Post: s.firstRun}},

		{path: "/admin/session/", public: true, do: methods{Get: s.clockState}, still: true},
		{path: "/admin/session/refresh/", public: true, do: methods{Post: s.clockState}},

		{path: "/admin/", access: staff, do: methods{Get: s.home}},
		{path: "/admin/day/", access: can(account.ViewSession), do: methods{Get: s.dayFigures}, still: true},
		{path: "/admin/wall/", access: can(account.ViewWall), do: methods{Get: s.wall, Post: s.wallOpen}},
		{path: "/admin/wall/screen/", public: true, do: methods{Get: s.screen}, still: true},
		{path: "/admin/stream/", access: staff, do: methods{Get: s.eventStream}, bare: true, still: true},

		{path: "/admin/sessions/", access: can(account.ViewSession), do: methods{Get: s.sessionList}},
		{path: "/admin/sessions/state/", access: can(account.ViewSession), do: methods{Get: s.sessionStates}, still: true},
		{path: "/admin/sessions/new/", access: can(account.ViewSession), do: methods{Get: s.sessionsNew}, still: true},
		{path: "/admin/sessions/export/", access: can(account.ViewSession), do: methods{Post: s.sessionsExport}},
		{path: "/admin/sessions/end/", access: can(account.DeleteSession), do: methods{Post: s.sessionsEnd}},
		{path: "/admin/sessions/end-all/", access: can(account.DeleteSession), do: methods{Get: s.sessionsEndAllForm, Post: s.sessionsEndAll}},
		{path: "/admin/sessions/matching/", access: endsMatching, do: methods{Get: s.matchingForm, Post: s.matchingBegin}},
		{path: "/admin/sessions/last-ended/", access: can(account.ViewSession), do: methods{Get: s.lastEnded}},
		{path: "/admin/sessions/ending/", access: can(account.DeleteSession), do: methods{Get: s.endingShow}, still: true},
		{path: "/admin/sessions/ending/state/", access: can(account.DeleteSession), do: methods{Get: s.endingState}, still: true},
		{path: "/admin/sessions/ending/stop/", access: can(account.DeleteSession), do: methods{Post: s.endingStop}},
		{path: "/admin/sessions/clear/", access: can(account.DeleteSession), do: methods{Post: s.sessionsClear}},
		{path: "/admin/sessions/:handle/", access: can(account.ViewSession), do: methods{Get: s.sessionShow}},
		{path: "/admin/sessions/:handle/end/", access: can(account.DeleteSession), do: methods{Post: s.sessionEnd}},
		{path: "/admin/sessions/:handle/data/", do: methods{Get: s.personForm(s.visitorData)}},
		{path: "/admin/sessions/:handle/data/export/", do: methods{Post: s.personExport(s.visitorData)}},
		{path: "/admin/sessions/:handle/data/erase/", do: methods{Post: s.personErase(s.visitorData)}},

		{path: "/admin/password/", access: staff, do: methods{Get: s.passwordForm, Post: s.passwordChange}, bare: true},
		{path: "/admin/second-factor/", access: staff, do: methods{Get: s.secondFactor}, bare: true},
		{path: "/admin/second-factor/app/", access: staff, do: methods{Get: s.appForm, Post: s.appBegin}, bare: true},
		{path: "/admin/second-factor/app/scan/", access: staff, do: methods{Get: s.appScan, Post: s.appConfirm}, bare: true},
		{path: "/admin/second-factor/app/remove/", access: staff, do: methods{Get: s.appRemoveForm, Post: s.appRemove}},
		{path: "/admin/second-factor/recovery-codes/", access: staff, do: methods{Get: s.codesForm, Post: s.codesMake}},
		{path: "/admin/second-factor/recovery-codes/new/", access: staff, do: methods{Get: s.codesShow}},
		{path: "/admin/second-factor/passkeys/options/", access: staff, do: methods{Post: s.passkeyMake}, bare: true},
		{path: "/admin/second-factor/passkeys/add/", access: staff, do: methods{Get: s.passkeyAddForm, Post: s.passkeyAdd}, bare: true},
		{path: "/admin/second-factor/passkeys/:id/rename/", access: staff, do: methods{Get: s.passkeyRenameForm, Post: s.passkeyRename}},
		{path: "/admin/second-factor/passkeys/:id/remove/", access: staff, do: methods{Get: s.passkeyRemoveForm, Post: s.passkeyRemove}},
		{path: "/admin/own-sessions/", access: staff, do: methods{Get: s.mySessions}},
		{path: "/admin/own-sessions/end-others/", access: staff, do: methods{Post: s.mySessionsEnd}},
		{path: "/admin/own-sessions/end-wall/", access: staff, do: methods{Post: s.wallEnd}},
		{path: "/admin/console-sessions/", access: seeConsoles, do: methods{Get: s.consoleList}},
		{path: "/admin/console-sessions/end/", access: can(account.DeleteConsole), do: methods{Post: s.consolesEnd}},

		{path: "/admin/users/", access: seeUsers, do: methods{Get: s.userList}},
		{path: "/admin/users/add/", access: can(account.AddUser), do: methods{Get: users.addForm, Post: users.add}},
		{path: "/admin/users/delete/", access: can(account.DeleteUser), do: methods{Get: users.deleteForm, Post: users.delete}},
		{path: "/admin/users/:id/", access: seeUsers, do: methods{Get: users.show, Post: users.change}},
		{path: "/admin/users/:id/password/", access: can(account.ChangeUser), do: methods{Get: s.userPasswordForm, Post: s.userPassword}},
		{path: "/admin/users/:id/unlock/", access: can(account.ChangeUser), do: methods{Post: s.userUnlock}},
		{path: "/admin/users/:id/second-factor/", do: methods{Get: s.userSecondFactorForm, Post: s.userSecondFactor}},
		{path: "/admin/users/:id/data/", do: methods{Get: s.personForm(s.operatorData)}},
		{path: "/admin/users/:id/data/export/", do: methods{Post: s.personExport(s.operatorData)}},
		{path: "/admin/users/:id/data/erase/", do: methods{Post: s.personErase(s.operatorData)}},
		{path: "/admin/users/:id/sign-out/", access: can(account.ChangeUser), do: methods{Post: s.userSignOut}},
		{path: "/admin/users/:id/delete/", access: can(account.DeleteUser), do: methods{Get: users.deleteForm, Post: users.delete}},
		{path: "/admin/users/:id/history/", access: seeUsers, do: methods{Get: users.history}},

		{path: "/admin/groups/", access: seeGroups, do: methods{Get: s.groupList}},
		{path: "/admin/groups/add/", access: can(account.AddGroup), do: methods{Get: groups.addForm, Post: groups.add}},
		{path: "/admin/groups/delete/", access: can(account.DeleteGroup), do: methods{Get: groups.deleteForm, Post: groups.delete}},
		{path: "/admin/groups/:id/", access: seeGroups, do: methods{Get: groups.show, Post: groups.change}},
		{path: "/admin/groups/:id/delete/", access: can(account.DeleteGroup), do: methods{Get: groups.deleteForm, Post: groups.delete}},
		{path: "/admin/groups/:id/history/", access: seeGroups, do: methods{Get: groups.history}},

		{path: "/admin/backups/", do: methods{Get: s.backupList, Post: s.backupMake}},
		{path: "/admin/settings/", do: methods{Get: s.settingList}},

		{path: "/admin/log/", access: can(account.ViewLogEntry), do: methods{Get: s.logList}},
		{path: logExportPath, access: can(account.ViewLogEntry), do: methods{Post: s.logExport}},
	}
}

func (s *console) routes(app *fiber.App) {
	for _, at := range s.table() {
		// First without the slash: Fiber takes /sessions/:handle/ for both.
		app.All(strings.TrimSuffix(at.path, "/"), s.guard(slashless(at)))
		app.All(at.path, s.guard(at))
	}
	app.Use(s.guard(route{access: staff, do: methods{Get: notFound, Post: notFound}}))
}

// slashless is the route that redirects to the address with the slash. It has the
// same access, so that a redirect does not reveal what exists.
func slashless(at route) route {
	add := func(r *request) error { return page.AddSlash(r.Ctx) }
	do := methods{Get: add}
	if at.do.Post != nil {
		do.Post = add
	}
	return route{access: at.access, public: at.public, bare: at.bare, still: true, do: do}
}

func notFound(*request) error { return page.Status(fiber.StatusNotFound) }
