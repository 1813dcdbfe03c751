package console

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/internal/text"
)

// An endingPage shows how far the server is with sessions that it ends.
type endingPage struct {
	frame
	control.EndingState
	Says    string // how far it is, in words
	Filter  string // in words; "" for an operator who may not see sessions
	Back    string
	Several bool // other servers may end sessions, too
}

// An endingNow is the state of an ending for the page's script.
type endingNow struct {
	ID    string `json:"id"`
	Runs  bool   `json:"runs"`
	Ended int    `json:"ended"`
	Says  string `json:"says"`
}

func endingNowOf(e control.EndingState) endingNow {
	now := endingNow{ID: e.ID, Runs: e.Runs(), Ended: e.Ended, Says: text.Number(e.Ended)}
	if e.Found >= 0 {
		now.Says += " of " + text.Number(e.Found)
	}
	now.Says += " ended"
	return now
}

// endingShow answers GET /admin/sessions/ending/. The page asks by itself, so it extends no
// session.
func (s *console) endingShow(r *request) error {
	p := &endingPage{EndingState: s.Endings.State(), Back: sessionsNext(r.query("back")), Several: len(s.Servers()) > 1}
	p.Says = endingNowOf(p.EndingState).Says
	title := "Sessions that operators end"
	switch {
	case p.Runs():
		title = "Ending sessions"
	case p.ID != "":
		title = "Sessions ended"
	}
	if r.user.Can(account.ViewSession) {
		p.Filter = filterInWords(p.EndingState.Filter)
	}
	p.frame = s.frame(r, title, crumb{"Sessions", sessionsPath})
	return s.render(r, "sessions_ending", p)
}

// Outcome says how it went.
func (p *endingPage) Outcome() string {
	switch why := p.Why; {
	case why == nil:
		return "All that matched have ended. Sessions that began later stay."
	case errors.Is(why, control.ErrStopped):
		return "An operator stopped it. The other sessions are still live."
	case errors.Is(why, control.ErrServerStop):
		return "The server is stopping. The other sessions are still live."
	case errors.Is(why, control.ErrNoLonger):
		return "The operator who began it may no longer end sessions. The other sessions are still live."
	default:
		return "It failed, and the other sessions are still live. The server’s log says why. Try again."
	}
}

// endingState answers GET /admin/sessions/ending/state/.
func (s *console) endingState(r *request) error {
	return r.JSON(endingNowOf(s.Endings.State()), fiber.MIMEApplicationJSONCharsetUTF8)
}

// endingStop answers POST /admin/sessions/ending/stop/.
func (s *console) endingStop(r *request) error {
	stopped, err := s.Endings.Stop(r.UserContext(), r.actor(), r.field("id"))
	switch {
	case !stopped && err != nil:
		return err
	case err != nil: // it is stopped, and the log lacks who did
		s.notAudited(r, &control.NotAuditedError{Entries: []account.Event{{Action: account.ActionRevokeStop, Kind: account.KindSession}}, Err: err})
	case stopped:
		s.flash(r, page.Success, "ending.stopped")
	default:
		s.flash(r, page.Info, "ending.over")
	}
	return r.Redirect(endingPath+"?back="+url.QueryEscape(sessionsNext(r.field("back"))), fiber.StatusSeeOther)
}
