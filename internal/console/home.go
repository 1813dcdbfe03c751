package console

import (
	"strings"

	"pagesession/internal/account"
)

// homePage is the dashboard. Without the permission to view sessions it has no
// Board.
type homePage struct {
	frame
	Recent []entryView // what this user did last
	Board  *board
}

// A board is what the server does.
type board struct {
	Tiles  []line
	Charts []chart
	Gauges string // their names, in the order of the stream
}

// recentActions is how many of a user's own actions the dashboard shows.
const recentActions = 10

// home answers GET /admin/.
func (s *console) home(r *request) error {
	p := &homePage{frame: s.frame(r, "Dashboard")}
	p.Crumbs = nil // this is where they begin
	recent, err := s.Accounts.Recent(r.user.ID, recentActions)
	if err != nil {
		return err
	}
	p.Recent = s.entryViews(r, recent)
	if r.user.Can(account.ViewSession) {
		p.Board = s.board()
	}
	return s.render(r, "home", p)
}

// tiles are the numbers that stand large at the top.
var tiles = []string{"sessions", "refreshes", "creations", "ends"}

func (s *console) board() *board {
	samples, _ := s.Monitor.After(0)
	b := &board{Charts: chartsOf(samples)}
	for _, name := range tiles {
		b.Tiles = append(b.Tiles, lineOf(gaugeOf(name), newest(samples), ""))
	}
	names := make([]string, len(gauges))
	for i, g := range gauges {
		names[i] = g.Name
	}
	b.Gauges = strings.Join(names, " ")
	return b
}
