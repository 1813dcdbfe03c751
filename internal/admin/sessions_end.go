package admin

import (
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/messages"
	"pagesession/internal/session"
)

// sessionsEndPage asks whether the selected sessions shall end.
type sessionsEndPage struct {
	page
	Rows []sessionRow // those that live
	Gone int          // those that do not, any more
	Back string
	Sees bool
}

// maxSelected is far more than a page of the list has.
const maxSelected = 500

// sessionsEnd answers POST /admin/sessions/end/, which the list sends with the
// handles of the selected sessions. The first time it asks; the form of that
// page says that one is sure.
func (s *console) sessionsEnd(v *visit) error {
	p := &sessionsEndPage{Back: sessionsNext(v.field("back")), Sees: v.user.Can(account.ViewSession)}
	p.Rows, p.Gone = s.selected(v)
	switch {
	case len(p.Rows)+p.Gone == 0:
		s.tell(v, messages.Warning, "none.selected")
	case len(p.Rows) == 0:
		s.tell(v, messages.Info, "session.over")
	case !v.checked("sure"):
		p.page = s.page(v, "End "+counted(int64(len(p.Rows)), "session", "sessions")+"?", crumb{"Sessions", "/admin/sessions/"})
		return v.Render("sessions_end", p)
	default:
		if err := s.endSelected(v, p.Rows); err != nil {
			return err
		}
	}
	return s.backTo(v, p.Back)
}

// selected finds the sessions that a form names, at most maxSelected.
func (s *console) selected(v *visit) (live []sessionRow, gone int) {
	seen := map[session.Handle]bool{}
	for _, text := range v.fields("handle") {
		handle, ok := session.ParseHandle(text)
		if !ok || seen[handle] || len(seen) == maxSelected {
			continue
		}
		seen[handle] = true
		if row := s.Visitors.Find(handle); row.State == session.Live {
			live = append(live, sessionRowOf(row))
		} else {
			gone++
		}
	}
	return live, gone
}

// endSelected ends sessions and notes down which. When only some could be ended
// that is said, for those have ended.
func (s *console) endSelected(v *visit, rows []sessionRow) error {
	keys, names := make([]session.Key, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		keys[i], names[i] = row.Key, row.Handle.Fingerprint()
	}
	n, err := s.Visitors.EndMany(keys, session.Revoked)
	if n == 0 && err != nil {
		return err
	}
	if n == 0 {
		s.tell(v, messages.Info, "session.over")
		return nil
	}
	if err != nil {
		s.tell(v, messages.Error, "sessions.partly", int64(n))
	} else {
		s.tellEnded(v, n)
	}
	r := account.Record{Action: account.ActionRevoke, Kind: account.KindSession, Object: strings.Join(names, " "), Count: n}
	if len(rows) == 1 {
		r.ObjectID, r.Count = names[0], 0
	}
	s.record(v, r)
	return nil
}

func (s *console) tellEnded(v *visit, n int) {
	if n == 1 {
		s.tell(v, messages.Success, "session.ended")
		return
	}
	s.tell(v, messages.Success, "sessions.ended", int64(n))
}

// sessionsNext is the list to come back to.
func sessionsNext(asked string) string {
	const list = "/admin/sessions/"
	if next := nextOf(asked); next == list || strings.HasPrefix(next, list+"?") {
		return next
	}
	return list
}
