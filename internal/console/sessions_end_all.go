package console

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/messages"
	"pagesession/internal/session"
)

// sessionsEndAllPage asks for the words that end all sessions.
type sessionsEndAllPage struct {
	page
	form
	Live  int
	Words string // to be typed
}

// sessionsEndAllForm answers GET /admin/sessions/end-all/.
func (s *console) sessionsEndAllForm(v *visit) error { return s.askEndAll(v, form{}) }

func (s *console) askEndAll(v *visit, f form) error {
	live := s.Visitors.List(session.Query{Limit: 1}).Total
	p := &sessionsEndAllPage{form: f, Live: live, Words: endAllWords(live)}
	p.page = s.page(v, "End all sessions?", crumb{"Sessions", "/admin/sessions/"})
	return v.Render("sessions_end_all", p)
}

// endAllWords are what must be typed, with the number, so that who types them
// has read it.
func endAllWords(live int) string { return "END ALL " + strconv.Itoa(live) }

// sessionsEndAll answers POST /admin/sessions/end-all/. Sessions come and go
// while somebody types: the number is the one that the page showed.
func (s *console) sessionsEndAll(v *visit) error {
	typed := v.text("words")
	shown, err := strconv.Atoi(v.field("live"))
	if err != nil || shown < 0 || strings.Join(strings.Fields(typed), " ") != endAllWords(shown) {
		v.Status(fiber.StatusUnprocessableEntity)
		return s.askEndAll(v, form{Wrong: "These are not the words. Nothing was ended."})
	}
	n, err := s.Visitors.EndAll(session.Revoked)
	if err != nil {
		return err
	}
	s.tellCount(v, messages.Success, "session.ended", "sessions.ended", n)
	s.record(v, account.Record{Action: account.ActionRevokeAll, Kind: account.KindSession, Count: n})
	return s.backTo(v, "/admin/sessions/")
}
