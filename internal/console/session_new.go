package console

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/text"
	"pagesession/storage/record"
)

// newSessions is how many sessions have begun since the list's page was made, for its script.
type newSessions struct {
	New  int  `json:"new"`
	More bool `json:"more"` // it is New or more
}

// sessionsNew answers GET /admin/sessions/new/?age=<ms>, where age is the page's, and the search
// as the list has it. It looks at the newest sessions only, as many as a page has, so a search
// through all of them is not repeated every few seconds.
func (s *console) sessionsNew(r *request) error {
	l := readSessionListing(r, s.Visitors.ByPosition())
	if wrongSearch(l.search) != "" {
		return r.JSON(newSessions{}, fiber.MIMEApplicationJSONCharsetUTF8)
	}
	newest, err := s.Visitors.List(r.UserContext(), record.Query{Order: record.ByCreated, Descending: true, Limit: rowsOnPage})
	if err != nil {
		return err
	}
	age, since := time.Duration(min(r.number("age"), maxPageAge))*time.Millisecond, newSessions{}
	for _, row := range newest.Rows {
		if row.Age < age && l.finds(row) {
			since.New++
		}
	}
	last := len(newest.Rows) - 1
	since.More = last >= 0 && newest.Total > len(newest.Rows) && newest.Rows[last].Age < age
	return r.JSON(since, fiber.MIMEApplicationJSONCharsetUTF8)
}

// maxPageAge is how old a page can be that asks, in milliseconds: a year.
const maxPageAge = 365 * 24 * 3600 * 1000

// finds reports whether the search finds a live session.
func (l *sessionListing) finds(row record.Row) bool {
	for _, query := range l.tries() {
		if strings.HasPrefix(row.Handle.String(), strings.ToLower(query.Prefix)) && (query.Match == nil || query.Match(row.Value)) {
			return true
		}
	}
	return false
}

// newURL is where the list's script asks for new sessions; "": its filter is not by creation.
func (l *sessionListing) newURL() string {
	if l.state.name != "" {
		return ""
	}
	return newListing("/admin/sessions/new/").with(searchParameter, l.search, byParameter, l.alike.by, isParameter, l.alike.is)
}

// counted says above the list how many sessions it has; "": a search by position knows only
// how far it is.
func (l *sessionListing) counted(total int) string {
	switch {
	case l.byPosition && l.searching():
		return ""
	case l.byPosition:
		return "About " + text.Plural(total, "live session")
	case l.searching():
		return text.Plural(total, "session matches", "sessions match")
	case l.ended():
		return text.Plural(total, "ended session")
	default:
		return text.Plural(total, "live session")
	}
}
