package console

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/storage/record"
)

// sessionsEndPage asks whether the selected sessions shall end.
type sessionsEndPage struct {
	frame
	Rows []sessionRow // those that live
	Gone int          // those that do not, any more
	Back string
	Sees bool
}

// maxSelected is how many sessions one form may name: ten pages of the list. A
// form with so many fits into the body that the server reads.
const maxSelected = 500

// sessionsEnd answers POST /admin/sessions/end/, which the list sends with the
// handles of the selected sessions. The first time it asks; the form of that page
// says that the operator is sure.
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
		if err := s.endSelected(r, p.Rows); err != nil {
			return err
		}
	}
	return backTo(r, p.Back)
}

// selected finds the sessions that a form names, in its order. It returns 413
// for a form with more than maxSelected, of which none ends.
func (s *console) selected(r *request) (live []sessionRow, gone int, err error) {
	var handles []record.Handle
	for _, text := range r.fields("handle") {
		if handle, err := record.ParseHandle(text); err == nil && !slices.Contains(handles, handle) {
			handles = append(handles, handle)
		}
	}
	if len(handles) > maxSelected {
		return nil, 0, page.Status(fiber.StatusRequestEntityTooLarge)
	}
	for _, handle := range handles {
		if row := s.Visitors.Find(handle); row.State == record.Live {
			live = append(live, sessionRowOf(row))
		} else {
			gone++
		}
	}
	return live, gone, nil
}

// endSelected ends sessions. When only some could be ended, it says so.
func (s *console) endSelected(r *request, rows []sessionRow) error {
	handles := make([]record.Handle, len(rows))
	for i, row := range rows {
		handles[i] = row.Handle
	}
	return operate(s, r, control.EndSessions, handles, func(done control.EndedSessions) {
		switch {
		case done.Count == 0:
			s.flash(r, page.Info, "session.expired")
		case done.Rest != nil:
			s.Logger.Warn("some of the selected sessions live on", slog.Int("ended", done.Count), slog.Any("error", done.Rest))
			s.flashCount(r, page.Error, "session.partly", "sessions.partly", done.Count)
		default:
			s.flashCount(r, page.Success, "session.ended", "sessions.ended", done.Count)
		}
	})
}

// sessionsNext is the list to come back to.
func sessionsNext(asked string) string {
	const list = "/admin/sessions/"
	if next := nextOf(asked); next == list || strings.HasPrefix(next, list+"?") {
		return next
	}
	return list
}
