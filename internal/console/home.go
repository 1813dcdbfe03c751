package console

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/check"
	"pagesession/internal/monitor"
	"pagesession/internal/servers"
)

// homePage is the dashboard; Board is nil without the permission to view sessions.
type homePage struct {
	frame
	Recent   []entryView // what this user did last
	Board    *board
	Troubles troubles
	Checks   []check.Finding // for superusers
	Wall     bool            // they may open a wall screen
}

// recentActions is how many of a user's own actions the dashboard shows.
const recentActions = 10

// home answers GET /admin/.
func (s *console) home(r *request) error {
	p := &homePage{frame: s.frame(r, "Dashboard"), Troubles: s.troubles()}
	p.Crumbs = nil // this is where they begin
	recent, err := s.Accounts.Recent(r.UserContext(), r.user.ID, recentActions)
	if err != nil {
		return err
	}
	if p.Recent, err = s.entryViews(r, recent); err != nil {
		return err
	}
	if r.user.Can(account.ViewSession) {
		p.Board = s.board(spans(r))
		p.Board.Servers = s.Servers()
		p.Board.Memory = memoryLines(s.Memory())
		p.Board.Version, p.Board.Uptime = servers.Version(), s.Now().Sub(s.started)
	}
	p.Wall = r.user.Can(account.ViewWall)
	if r.user.Superuser {
		p.Checks = s.Checks()
	}
	return s.render(r, "home", p)
}

// board returns the board with the charts of the span that is chosen.
func (s *console) board(all []span) *board {
	newest, _ := s.Monitor.After(0)
	samples, shown := newest, current(all)
	if shown.Day {
		samples, _ = s.Day.After(0)
	}
	b := boardOf(newest, samples, shown, s.Visitors.ByPosition())
	b.Spans = all
	return b
}

// dayFigures answers GET /admin/day/ with the samples of the last 24 hours as JSON, after the number that
// a script has already.
func (s *console) dayFigures(r *request) error {
	after, _ := strconv.ParseUint(r.query("after"), 10, 64)
	samples, _ := s.Day.After(after)
	r.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return r.Send(monitor.AppendSamples(nil, samples))
}

// A board has everything in monitor.Figures as it shows without scripts.
type board struct {
	Tiles  []line
	Charts []*chart
	Names  string // of the figures, in the order of the stream
	Span   span   // of the charts
	Spans  []span // to choose from

	Memory  []memoryLine
	Version string // of this server
	Uptime  time.Duration
	Servers []servers.Server // that share the sessions; none for those of a file
}
