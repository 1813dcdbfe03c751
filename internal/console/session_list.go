package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/session"
)

// sessionsPage is a page of the visitors' sessions.
type sessionsPage struct {
	page
	Search     string
	Wrong      string // what is wrong with the search
	ByKey      bool   // the search was found in fingerprints
	Ended      bool   // the list is of ended ones
	Filter     filter
	Keep       []pair // what the search form sends along
	Columns    []column
	Rows       []sessionRow
	Pager      pager
	Back       string // this page, to come back to
	Unsearched string // the same list without the search
	MayEnd     bool
}

// A sessionRow is a visitor's session on the list.
type sessionRow struct {
	session.Row
	session.Origin
	Name       string
	Unreadable bool // its values cannot be decoded
}

func sessionRowOf(row session.Row) sessionRow {
	info, err := session.Describe(row.Value)
	return sessionRow{Row: row, Origin: info.Origin, Name: info.Values.String(nameKey), Unreadable: err != nil}
}

// nameKey is the value of a visitor's session by which people know it.
const nameKey = "name"

// sessionList answers GET /admin/sessions/.
func (s *console) sessionList(v *visit) error {
	asked := sessionsAskedOf(v)
	p := &sessionsPage{
		page: s.page(v, "Sessions"), Search: asked.search, Wrong: asked.wrong(), Ended: asked.query.States == session.EndedOnly,
		Filter: asked.filter(), Keep: asked.list.without(searchParameter), Columns: asked.columns(),
		MayEnd: v.user.Can(account.DeleteSession),
	}
	if p.Wrong != "" {
		v.Status(fiber.StatusBadRequest)
		p.Search = ""
		return v.Render("sessions", p)
	}
	var found session.Page
	found, p.Pager, p.ByKey = s.lookUp(asked)
	for _, row := range found.Rows {
		p.Rows = append(p.Rows, sessionRowOf(row))
	}
	p.Unsearched = asked.list.with(searchParameter, "")
	p.Back = asked.list.with(pageParameter, asked.list.values.Get(pageParameter))
	return v.Render("sessions", p)
}

// lookUp finds a page of the list. A search that could be a fingerprint's
// beginning is looked for in the sessions' data and in their keys: first where
// it rather belongs, then, if nothing is found there, in the other.
func (s *console) lookUp(asked sessionsAsked) (found session.Page, p pager, byKey bool) {
	for _, try := range asked.tries() {
		found, p = s.pageOf(asked, try)
		if byKey = try.Prefix != ""; found.Total > 0 {
			break
		}
	}
	return found, p, byKey
}

// pageOf is the page that is asked for, or the last one before it.
func (s *console) pageOf(asked sessionsAsked, query session.Query) (session.Page, pager) {
	query.Limit, query.Offset = rowsOnPage, (asked.page-1)*rowsOnPage
	found := s.Visitors.List(query)
	p := asked.list.pages(asked.page, found.Total)
	if len(found.Rows) == 0 && found.Total > 0 {
		query.Offset = p.Offset()
		found = s.Visitors.List(query)
	}
	return found, p
}
