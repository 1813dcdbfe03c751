package console

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/storage/record"
)

// sessionsEndPage asks whether to end the selected sessions.
type sessionsEndPage struct {
	frame
	Rows []sessionRow // the selected ones that are live
	Gone int          // how many of the selected ones have ended
	Back string
	Sees bool
}

// maxSelected is how many sessions a form may name: as many as fit into a body.
const maxSelected = 500

// sessionsEnd answers POST /admin/sessions/end/ for the sessions that are selected
// in the list. It asks first; the form of that page says that the operator is sure.
func (s *console) sessionsEnd(r *request) error {
	p := &sessionsEndPage{Back: sessionsNext(r.field("back")), Sees: r.user.Can(account.ViewSession)}
	var err error
	if p.Rows, p.Gone, err = s.selected(r); err != nil {
		return err
	}
	switch {
	case len(p.Rows)+p.Gone == 0:
		s.flash(r, page.Warning, "none.selected")
	case len(p.Rows) == 0:
		s.flash(r, page.Info, "session.expired")
	case !r.checked("sure"):
		p.frame = s.frame(r, "End "+text.Plural(len(p.Rows), "session")+"?", crumb{"Sessions", "/admin/sessions/"})
		return s.render(r, "sessions_end", p)
	default:
		var handles []record.Handle
		for _, row := range p.Rows {
			handles = append(handles, row.Handle)
		}
		if err := s.endSessions(r, handles...); err != nil {
			return err
		}
	}
	return backTo(r, p.Back)
}

// selectedHandles returns the handles that a form has, each once. More than maxSelected are a 413.
func selectedHandles(r *request) (handles []record.Handle, err error) {
	for _, text := range r.fields("handle") {
		if handle, err := record.ParseHandle(text); err == nil && !slices.Contains(handles, handle) {
			handles = append(handles, handle)
		}
	}
	if len(handles) > maxSelected {
		return nil, page.Status(fiber.StatusRequestEntityTooLarge)
	}
	return handles, nil
}

// selected finds the sessions that a form names.
func (s *console) selected(r *request) (live []sessionRow, gone int, err error) {
	handles, err := selectedHandles(r)
	if err != nil {
		return nil, 0, err
	}
	rows, err := s.Visitors.FindMany(r.UserContext(), handles)
	for _, row := range rows {
		if row.State == record.Live {
			live = append(live, sessionRowOf(row))
		} else {
			gone++
		}
	}
	return live, gone, err
}

// endSessions ends sessions. When only some could be ended, it says so.
func (s *console) endSessions(r *request, handles ...record.Handle) error {
	return operate(s, r, control.EndSessions, handles, func(done control.EndedSessions) {
		switch {
		case done.Count == 0:
			s.flash(r, page.Info, "session.expired")
		case done.Rest != nil:
			s.endedPartly(r, done.Count, done.Rest.Error())
		default:
			s.flashEnded(r, done.Count, done.NotOnDisk)
		}
	})
}

// endedPartly says that the other sessions live on, and logs why.
func (s *console) endedPartly(r *request, n int, why string) {
	s.Logger.Warn("only some of the selected sessions could be ended", slog.Int("ended", n), slog.String("error", why))
	s.flashCount(r, page.Error, "session.partly", "sessions.partly", n)
}

// flashEnded says how many sessions have ended, and if so, that a crash may undo it.
func (s *console) flashEnded(r *request, n int, notOnDisk bool) {
	switch {
	case notOnDisk && s.Visitors.ByPosition():
		s.flashCount(r, page.Warning, "session.unsure", "sessions.unsure", n)
	case notOnDisk:
		s.flashCount(r, page.Warning, "session.later", "sessions.later", n)
	default:
		s.flashCount(r, page.Success, "session.ended", "sessions.ended", n)
	}
}

// sessionsNext is the list of visitors' sessions to come back to.
func sessionsNext(asked string) string { return nextList(asked, sessionsPath) }

// nextList is an address of this list to come back to; the list itself, if that is another page.
func nextList(asked, list string) string {
	if next := nextOf(asked); next == list || strings.HasPrefix(next, list+"?") {
		return next
	}
	return list
}

// sessionEnd answers POST /admin/sessions/<handle>/end/. The visitor's next page
// says that an operator ended the session.
func (s *console) sessionEnd(r *request) error {
	row, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	if err := s.endSessions(r, row.Handle); err != nil {
		return err
	}
	return backTo(r, sessionURL(row.Handle))
}

// backTo goes to a page of sessions, if the operator may see them.
func backTo(r *request, address string) error {
	return r.leave(r.user.Can(account.ViewSession), address)
}

// sessionsClear answers POST /admin/sessions/clear/: expired sessions go at once.
func (s *console) sessionsClear(r *request) error {
	return s.operateAll(r, control.ClearSessions, sessionsNext(r.field("back")), func(n control.Count) {
		s.flashCount(r, page.Success, "session.cleared", "sessions.cleared", n.Count)
	})
}

// sessionsEndAllPage asks for the words that end all sessions.
type sessionsEndAllPage struct {
	frame
	form
	Live  int
	About bool   // Live counts sessions that timed out a short while ago, too
	Words string // to be typed
}

// sessionsEndAllForm answers GET /admin/sessions/end-all/.
func (s *console) sessionsEndAllForm(r *request) error { return s.askEndAll(r, form{}) }

func (s *console) askEndAll(r *request, f form) error {
	all, err := s.Visitors.List(r.UserContext(), record.Query{Limit: 1})
	if err != nil {
		return err
	}
	p := &sessionsEndAllPage{form: f, Live: all.Total, About: s.Visitors.ByPosition(), Words: endAllWords(all.Total)}
	p.frame = s.frame(r, "End all sessions?", crumb{"Sessions", "/admin/sessions/"})
	return s.render(r, "sessions_end_all", p)
}

// endAllWords must be typed, with the number, so that the operator has read it.
func endAllWords(live int) string { return "END ALL " + strconv.Itoa(live) }

// sessionsEndAll answers POST /admin/sessions/end-all/. Sessions come and go
// while the operator types: the number is the one that the page showed.
func (s *console) sessionsEndAll(r *request) error {
	typed := r.text("words")
	shown, err := strconv.Atoi(r.field("live"))
	if err != nil || shown < 0 || strings.Join(strings.Fields(typed), " ") != endAllWords(shown) {
		r.Status(fiber.StatusUnprocessableEntity)
		return s.askEndAll(r, form{Wrong: "The text does not match. Nothing was ended."})
	}
	return s.operateAll(r, control.EndAllSessions, "/admin/sessions/", func(n control.Count) {
		if n.Rest != "" {
			s.endedPartly(r, n.Count, n.Rest)
			return
		}
		s.flashEnded(r, n.Count, n.NotOnDisk)
	})
}
