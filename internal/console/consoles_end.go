package console

import (
	"slices"

	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/storage/record"
)

// consolesEndPage asks whether to end the selected sessions of operators.
type consolesEndPage struct {
	frame
	Rows      []consoleRow
	Walls     int // of the rows
	Operators int // the other rows
	Back      string
}

// consolesEnd answers POST /admin/console-sessions/end/: it ends the sessions that the operator
// has selected in the list, except the one that they use. The first request gets a page that
// asks; its form sends "sure".
func (s *console) consolesEnd(r *request) error {
	back := nextList(r.field("back"), consolesPath)
	rows, err := s.selectedConsoles(r)
	if err != nil {
		return err
	}
	people, err := s.people(r, "")
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		s.flash(r, page.Warning, "none.selected")
		return r.leave(true, back)
	}
	if !r.checked("sure") {
		p := &consolesEndPage{Rows: s.consoleRows(r, rows, people), Back: back}
		for _, row := range p.Rows {
			if row.Wall {
				p.Walls++
			}
		}
		p.Operators = len(p.Rows) - p.Walls
		p.frame = s.frame(r, "End "+text.Plural(len(rows), "operator’s session", "operators’ sessions")+"?", crumb{"Operators’ sessions", consolesPath})
		return s.render(r, "consoles_end", p)
	}
	if err := s.endConsoles(r, rows); err != nil {
		return err
	}
	return r.leave(true, back)
}

// endConsoles ends sessions of operators, and says how many.
func (s *console) endConsoles(r *request, rows []record.Row) error {
	var handles []record.Handle
	for _, row := range rows {
		handles = append(handles, row.Handle)
	}
	return operate(s, r, control.EndConsoleSessions, handles, func(done control.EndedConsole) {
		switch {
		case done.Count == 0:
			s.flash(r, page.Info, "session.expired")
		case done.Rest != nil:
			s.endedPartly(r, done.Count, done.Rest.Error())
		case done.NotOnDisk:
			s.flashEnded(r, done.Count, true)
		default:
			s.flashCount(r, page.Success, "operator.out.1", "operator.out", done.Count)
		}
	})
}

// selectedConsoles finds the live sessions that a form names, without this request's own.
func (s *console) selectedConsoles(r *request) ([]record.Row, error) {
	handles, err := selectedHandles(r)
	if err != nil {
		return nil, err
	}
	rows, err := s.Operators.FindMany(r.UserContext(), handles)
	current := currentKey(r, s.Sessions)
	return slices.DeleteFunc(rows, func(row record.Row) bool { return row.State != record.Live || row.Key == current }), err
}
