package console

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

// sessionsPage is a page of the visitors' sessions.
type sessionsPage struct {
	frame
	Search     string
	Wrong      string // what is wrong with the search
	ByKey      bool   // the search was found in fingerprints
	Ended      bool   // the list is of ended ones
	ByPosition bool   // the list is of a store that lists by position
	Filter     filter
	Keep       []pair // what the search form sends along
	Columns    []column
	Rows       []sessionRow
	Pager      pager
	Back       string // this page, to come back to
	Unsearched string // the same list without the search
	Counted    string // how many sessions the list has, in words
	Export     string // where the list is exported
	New, First string // where the script asks for new sessions, and the page that has them
	MayEnd     bool
	Alike      string // what all sessions of the list have in common, in words
	Everyone   string // the list without that
	Matching   string // where all that match can be ended; "": the page has all of them
	Ending     bool   // sessions are being ended now

	// Rest is where the search in data goes on, when the rows are those of the search in
	// fingerprints; "": it has ended. RestSays is what it has looked at, in words.
	Rest, RestSays string
}

// A sessionRow is a visitor's session on the list.
type sessionRow struct {
	record.Row
	session.ClientInfo
	Name       string
	Unreadable bool // its values cannot be decoded
	values     session.Values
}

func sessionRowOf(row record.Row) sessionRow {
	info, err := session.Describe(row.Value)
	return sessionRow{Row: row, ClientInfo: info.ClientInfo, Name: info.Values.String(nameKey), Unreadable: err != nil, values: info.Values}
}

// nameKey is the value of a visitor's session that has the visitor's name.
const nameKey = "name"

// sessionList answers GET /admin/sessions/.
func (s *console) sessionList(r *request) error {
	l := readSessionListing(r, s.Visitors.ByPosition())
	p := &sessionsPage{
		frame: s.frame(r, "Sessions"), Search: l.search, Wrong: wrongSearch(l.search), Ended: l.ended(), ByPosition: l.byPosition,
		Filter: l.filter(), Keep: l.without(searchParameter), Columns: l.columns(l.headings()),
		MayEnd: r.user.Can(account.DeleteSession),
	}
	if p.Wrong != "" {
		r.Status(fiber.StatusBadRequest)
		p.Search = ""
		return s.render(r, "sessions", p)
	}
	rows, err := s.lookUp(r, l, p)
	if err != nil {
		return err
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, sessionRowOf(row))
	}
	if len(rows) > 0 {
		p.Counted = l.counted(p.Pager.Total)
	}
	if p.MayEnd && (len(rows) < p.Pager.Total || p.Pager.Next != "") {
		p.Matching = l.matchingURL(p.ByKey && l.search != "")
	}
	p.Ending = p.MayEnd && s.Endings.State().Runs()
	p.Alike, p.Everyone = l.alike.Says(), l.with(byParameter, "", isParameter, "")
	p.Export = l.exportURL()
	p.New, p.First = l.newURL(), l.with()
	p.Unsearched = l.with(searchParameter, "")
	p.Back = l.with(pageParameter, l.values.Get(pageParameter))
	return s.render(r, "sessions", p)
}

// lookUp finds a page of the list. A search that could begin a fingerprint is
// looked for in data and in keys: the likelier first, then the other.
func (s *console) lookUp(r *request, l sessionListing, p *sessionsPage) (_ []record.Row, err error) {
	if l.byPosition {
		return s.lookFrom(r, l, p)
	}
	var found record.Page
	for _, query := range l.tries() {
		query.Limit = rowsOnPage
		p.Pager, err = l.find(l.page, func(offset int) (rows, total int, err error) {
			query.Offset = offset
			found, err = s.Visitors.List(r.UserContext(), query)
			return len(found.Rows), found.Total, err
		})
		if err != nil {
			return nil, err
		}
		if p.ByKey = query.Prefix != ""; found.Total > 0 {
			break
		}
	}
	return found.Rows, nil
}

// A sessionNow is the state of a session for the list's script.
type sessionNow struct {
	State       string `json:"state"`
	Why         string `json:"why,omitempty"` // it ended, in words
	RemainingMS int64  `json:"remaining_ms"`  // 0: it never ends
	UnusedMS    int64  `json:"unused_ms"`
	Refreshes   uint32 `json:"refreshes"`
}

// sessionStates answers GET /admin/sessions/state/?h=<handle>,<handle>.
func (s *console) sessionStates(r *request) error {
	var handles []record.Handle
	for text := range strings.SplitSeq(r.query("h"), ",") {
		if handle, err := record.ParseHandle(text); err == nil && len(handles) < rowsOnPage {
			handles = append(handles, handle)
		}
	}
	rows, err := s.Visitors.FindMany(r.UserContext(), handles)
	if err != nil {
		return err
	}
	all := map[string]sessionNow{}
	for i, row := range rows {
		all[handles[i].String()] = sessionNowOf(row)
	}
	return r.JSON(all, fiber.MIMEApplicationJSONCharsetUTF8)
}

func sessionNowOf(row record.Row) sessionNow {
	now := sessionNow{State: row.State.String()}
	switch row.State {
	case record.Live:
		now.RemainingMS, now.UnusedMS, now.Refreshes = row.Remaining.Milliseconds(), row.Unused.Milliseconds(), row.Refreshes
	case record.Ended:
		now.Why = whyEnded(row.Reason)
	}
	return now
}
