package console

import (
	"pagesession/internal/account"
)

// homePage is the dashboard. Without the permission to view sessions it has no
// Board.
type homePage struct {
	frame
	Recent []entryView // what this user did last
	Board  *board
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
		samples, _ := s.Monitor.After(0)
		p.Board = boardOf(samples)
	}
	return s.render(r, "home", p)
}
