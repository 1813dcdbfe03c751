package console

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/control"
	"pagesession/storage/record"
)

// sessionsEndAllPage asks for the words that end all sessions.
type sessionsEndAllPage struct {
	frame
	form
	Live  int
	Words string // to be typed
}

// sessionsEndAllForm answers GET /admin/sessions/end-all/.
func (s *console) sessionsEndAllForm(r *request) error { return s.askEndAll(r, form{}) }

func (s *console) askEndAll(r *request, f form) error {
	live := s.Visitors.List(record.Query{Limit: 1}).Total
	p := &sessionsEndAllPage{form: f, Live: live, Words: endAllWords(live)}
	p.frame = s.frame(r, "End all sessions?", crumb{"Sessions", "/admin/sessions/"})
	return s.render(r, "sessions_end_all", p)
}

// endAllWords are what must be typed, with the number, so that who types them
// has read it.
func endAllWords(live int) string { return "END ALL " + strconv.Itoa(live) }

// sessionsEndAll answers POST /admin/sessions/end-all/. Sessions come and go
// while somebody types: the number is the one that the page showed.
func (s *console) sessionsEndAll(r *request) error {
	typed := r.text("words")
	shown, err := strconv.Atoi(r.field("live"))
	if err != nil || shown < 0 || strings.Join(strings.Fields(typed), " ") != endAllWords(shown) {
		r.Status(fiber.StatusUnprocessableEntity)
		return s.askEndAll(r, form{Wrong: "These are not the words. Nothing was ended."})
	}
	return s.operateAll(r, control.EndAllSessions, "session.ended", "sessions.ended", "/admin/sessions/")
}
