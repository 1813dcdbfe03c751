package console

import (
	"log/slog"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/internal/text"
)

// flashCookie carries flash notices from an action to the page after it.
var flashCookie = page.Cookie{Name: "adminmessages", Path: "/admin/", SameSite: "Lax"}

// flashTexts are all flash notices. The page that shows one names the user or the
// session. %s is a number of things, which the text after it names.
var flashTexts = map[string]string{
	"logged.out":         "You have signed out.",
	"signed.out.later":   "You have signed out, but this is not on disk yet. If the server crashes before it is, your session may come back: then sign out again.",
	"others.later":       "%s of your other sessions were ended, but this is not on disk yet. If the server crashes before it is, they may come back.",
	"password.changed":   "Your password was changed. Your other sessions have ended.",
	"second.other":       "Another sign-in was begun in this browser. This page is about that one.",
	"codes.wrong":        "Since you last signed in, %s wrong codes or passkeys followed your right password. If that was not you, someone knows your password: change it.",
	"codes.wrong.1":      "Since you last signed in, %s wrong code or passkey followed your right password. If that was not you, someone knows your password: change it.",
	"recovery.used":      "You signed in with a recovery code, which no longer counts. You have %s left, and can make new ones on the page “Second factor”.",
	"recovery.used.1":    "You signed in with a recovery code, which no longer counts. You have only %s left: make new ones on the page “Second factor”.",
	"app.added":          "Your authenticator app is set up. From now on a sign-in asks for its code.",
	"app.removed":        "Your authenticator app was removed. Your other sessions have ended.",
	"codes.made":         "You have new recovery codes.",
	"user.factors.reset": "The user’s second factor was reset, and their console sessions have ended. They sign in with their password alone.",
	"others.ended":       "%s of your other sessions were ended.",
	"wall.ended":         "The wall screen was ended. It says so within two seconds.",
	"wall.later":         "The wall screen was ended, but this is not on disk yet. If the server crashes before it is, the screen may come back.",
	"passkey.added":      "The passkey was added.",
	"passkey.renamed":    "The passkey was renamed.",
	"passkey.removed":    "The passkey was removed. Your other sessions have ended.",
	"user.added":         "The user was added. You can set more options below.",
	"user.changed":       "The user was changed.",
	"user.same":          "Nothing was changed.",
	"user.password":      "The password was changed. The user’s console sessions have ended.",
	"user.unlocked":      "%s failed sign-ins of the user were cleared.",
	"user.unlocked.1":    "%s failed sign-in of the user was cleared.",
	"user.unlocked.0":    "There were no failed sign-ins of the user to clear.",
	"user.signed.out":    "The user’s console sessions have ended.",
	"operator.erased":    "The data of the user was erased; %s audit entries named them.",
	"operator.erased.1":  "The data of the user was erased; %s audit entry named them.",
	"visitor.erased":     "The data of the visitor was erased, with %s sessions.",
	"visitor.erased.1":   "The data of the visitor was erased, with %s session.",
	"person.later":       "The data was erased, but the end of the sessions is not on disk yet. If the server or Redis fails now, sessions may come back: then erase it again.",
	"user.deleted":       "The user was deleted.",
	"users.deleted":      "%s users were deleted.",
	"group.added":        "The group was added.",
	"group.changed":      "The group was changed.",
	"group.same":         "Nothing was changed.",
	"group.deleted":      "The group was deleted.",
	"groups.deleted":     "%s groups were deleted.",
	"session.ended":      "The session was ended. The visitor’s page will say so.",
	"session.later":      "The session was ended, but this is not on disk yet, because the session file cannot be written now. If the server crashes before it can, the session may come back.",
	"sessions.later":     "%s sessions were ended, but this is not on disk yet, because the session file cannot be written now. If the server crashes before it can, sessions may come back.",
	"session.unsure":     "The session was ended, but fewer of Redis’s replicas have this than --redis-wait asks for. If Redis fails over now, the session may come back.",
	"sessions.unsure":    "%s sessions were ended, but fewer of Redis’s replicas have this than --redis-wait asks for. If Redis fails over now, sessions may come back.",
	"operator.out.1":     "The session was ended. The operator’s page says so.",
	"operator.out":       "%s sessions were ended. The operators’ pages say so.",
	"session.expired":    "Nothing was ended: what you selected had already ended.",
	"sessions.ended":     "%s sessions were ended.",
	"session.partly":     "Only %s of the sessions was ended. Check the others and try again.",
	"sessions.partly":    "Only %s of the sessions were ended. Check the others and try again.",
	"ending.busy":        "Nothing new was begun: sessions are being ended already. Wait for that, or stop it.",
	"ending.stopped":     "It was stopped. Sessions that it had ended before stay ended.",
	"ending.over":        "There was nothing to stop: no sessions are being ended.",
	"session.cleared":    "%s expired session was removed.",
	"sessions.cleared":   "%s expired sessions were removed.",
	"none.selected":      "No session was selected.",
	"backup.made":        "A backup was made.",
	"backup.failed":      "The backup failed. Earlier backups stay. The dashboard says why.",
	"not.recorded":       "Your change was made, but could not be written to the audit log. Tell the operator of this server: its own log has the details.",
}

// flash has the next page show a notice, after those that wait already. It only
// logs a failure, because the action that the notice is about is done.
func (s *console) flash(r *request, level page.Level, key string, args ...int64) {
	if err := s.flashes.Add(r.Ctx, page.Flash{Level: level, Key: key, Args: args}); err != nil {
		s.Logger.Error("notice could not be stored for the next page", slog.Any("error", err))
	}
}

// flashCount is flash with a number of things: one is the key for exactly one.
func (s *console) flashCount(r *request, level page.Level, one, other string, n int) {
	if n == 1 {
		other = one
	}
	s.flash(r, level, other, int64(n))
}

// notices takes the flash notices that a browser brings.
func (s *console) notices(c *fiber.Ctx) []page.Notice {
	var all []page.Notice
	for _, f := range s.flashes.Take(c) {
		if says, ok := flashTexts[f.Key]; ok {
			all = append(all, page.Notice{Level: f.Level, Text: filled(says, f.Args)})
		}
	}
	return all
}

func filled(says string, args []int64) string {
	if len(args) == 0 {
		return says
	}
	return strings.Replace(says, "%s", text.Number(args[0]), 1)
}
