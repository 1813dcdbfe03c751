package console

import (
	"time"

	"pagesession/internal/control"
)

// lastEndedPage lists the sessions that operators ended in the last ten minutes, with the names
// and addresses that they had.
type lastEndedPage struct {
	frame
	Rows    []lastEndedRow
	More    int  // how many are left out
	Several bool // other servers have their own
}

// A lastEndedRow is one of them.
type lastEndedRow struct {
	control.EndedOf
	Ago time.Duration
}

// mostLastRows is how many the page shows.
const mostLastRows = 500

// lastEnded answers GET /admin/sessions/last-ended/.
func (s *console) lastEnded(r *request) error {
	all, now := s.LastEnded.List(), s.Now()
	p := &lastEndedPage{frame: s.frame(r, "Ended by operators", crumb{"Sessions", sessionsPath}), Several: len(s.Servers()) > 1}
	for _, e := range all[:min(len(all), mostLastRows)] {
		p.Rows = append(p.Rows, lastEndedRow{e, max(0, now.Sub(e.At))})
	}
	p.More = len(all) - len(p.Rows)
	return s.render(r, "sessions_last_ended", p)
}
