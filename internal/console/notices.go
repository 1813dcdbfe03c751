package console

import (
	"log/slog"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/messages"
)

// noticesCookie carries notices from an action to the page after it.
const noticesCookie = "adminmessages"

// noticeTexts are the notices that there are. They name nobody: the page they
// are shown on does. %s is a number of things, which the text after it names.
var noticeTexts = map[string]string{
	"logged.out":       "You have logged out.",
	"password.changed": "Your password was changed. Your other sessions have ended.",
	"others.ended":     "%s of your other sessions ended.",
	"user.added":       "The user was added. You can fill in more below.",
	"user.changed":     "The user was changed.",
	"user.same":        "Nothing differed, so nothing was saved.",
	"user.password":    "The password was changed. The sessions that this user had in the console have ended.",
	"user.deleted":     "The user was deleted.",
	"users.deleted":    "%s users were deleted.",
	"group.added":      "The group was added.",
	"group.changed":    "The group was changed.",
	"group.same":       "Nothing differed, so nothing was saved.",
	"group.deleted":    "The group was deleted.",
	"groups.deleted":   "%s groups were deleted.",
	"session.ended":    "The session has ended. Its visitor will be told so.",
	"session.over":     "There was nothing to end: that was over already.",
	"sessions.ended":   "%s sessions have ended.",
	"session.partly":   "Only %s of the sessions has ended, the others could not be: look at them again.",
	"sessions.partly":  "Only %s of the sessions have ended, the others could not be: look at them again.",
	"session.cleared":  "%s expired session was cleared.",
	"sessions.cleared": "%s expired sessions were cleared.",
	"none.selected":    "No session was selected.",
	"not.recorded":     "What you did was done, but it could not be written into the audit log. Tell whoever runs this server; its own log says what was done.",
}

// A notice is shown once, at the top of a page.
type notice struct{ Level, Role, Text string }

// tell has the next page show a notice, behind those that wait already.
func (s *console) tell(v *visit, level messages.Level, key string, args ...int64) {
	v.told = append(v.told, messages.Message{Level: level, Key: key, Args: args})
	all := append(s.sealer.Open(v.Cookies(noticesCookie)), v.told...)
	sealed, err := s.sealer.Seal(all[max(0, len(all)-messages.MaxMessages):]...)
	if err != nil { // not with the messages above; the change is done, in any case
		s.Logger.Error("a notice was lost", slog.Any("error", err))
		return
	}
	setCookie(v.Ctx, noticesCookie, sealed, messages.MaxAge)
}

// tellCount is tell of a number of things: one is the notice for exactly one.
func (s *console) tellCount(v *visit, level messages.Level, one, other string, n int) {
	if n == 1 {
		other = one
	}
	s.tell(v, level, other, int64(n))
}

// waiting takes the notices that a browser brings.
func (s *console) waiting(c *fiber.Ctx) []notice {
	brought := c.Cookies(noticesCookie)
	if brought == "" || c.Method() == fiber.MethodHead {
		return nil
	}
	setCookie(c, noticesCookie, "", 0)
	var all []notice
	for _, m := range s.sealer.Open(brought) {
		if text, ok := noticeTexts[m.Key]; ok {
			all = append(all, notice{m.Level.String(), role(m.Level), filled(text, m.Args)})
		}
	}
	return all
}

func filled(text string, args []int64) string {
	if len(args) == 0 {
		return text
	}
	return strings.Replace(text, "%s", count(args[0]), 1)
}

func role(l messages.Level) string {
	if l >= messages.Warning {
		return "alert"
	}
	return "status"
}
