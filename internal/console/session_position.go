package console

import (
	"fmt"
	"strconv"
	"strings"

	"pagesession/internal/text"
	"pagesession/storage/record"
)

// A place is where a page begins in a list by position. It stands in the address, in place
// of a page's number, so anyone can change it: its numbers are for the words on the page
// only. The zero place is the first page.
type place struct {
	byKey        bool // the search goes through fingerprints
	rows, looked int  // of the pages before: their rows, and at how many sessions they looked
	from         record.Position
}

// Limits of a place in an address.
const (
	maxPlace = 96 // characters; String writes fewer
	maxCount = 1<<31 - 1
)

// String returns the place as the value of a parameter; "" for the zero place.
func (p place) String() string {
	if p == (place{}) {
		return ""
	}
	kind := "s"
	if p.byKey {
		kind = "k"
	}
	return fmt.Sprintf("%s.%d.%d.%s", kind, p.rows, p.looked, p.from)
}

// parsePlace reads what String wrote. Anything else is the first page.
func parsePlace(value string) place {
	parts := strings.Split(value, ".")
	if len(value) > maxPlace || len(parts) != 4 || parts[0] != "s" && parts[0] != "k" {
		return place{}
	}
	rows, err := strconv.ParseUint(parts[1], 10, 64)
	looked, err2 := strconv.ParseUint(parts[2], 10, 64)
	from, err3 := record.ParsePosition(parts[3])
	if err != nil || err2 != nil || err3 != nil || rows > looked || looked > maxCount || from == (record.Position{}) {
		return place{}
	}
	return place{parts[0] == "k", int(rows), int(looked), from}
}

// lookFrom finds a page of a list by position. A search that could begin a fingerprint is
// looked for in data and in keys, as in lookUp. If neither has a row, the page goes on where
// sessions are left to look at.
func (s *console) lookFrom(r *request, l sessionListing, p *sessionsPage) ([]record.Row, error) {
	var shown record.Page
	for i, query := range l.tries() {
		query.Limit, query.From = rowsOnPage, l.place.from
		found, err := s.Visitors.List(r.UserContext(), query)
		if err != nil {
			return nil, err
		}
		if i > 0 && len(found.Rows) > 0 && shown.More {
			p.Rest, p.RestSays = l.next(shown, false), l.noneOf(shown.Looked)
		}
		if i == 0 || len(found.Rows) > 0 || !shown.More {
			shown, p.ByKey = found, query.Prefix != ""
		}
		if len(shown.Rows) > 0 {
			break
		}
	}
	p.Pager = l.pagerFrom(shown, p.ByKey)
	return shown.Rows, nil
}

// next is the page after found.
func (l *sessionListing) next(found record.Page, byKey bool) string {
	then := place{byKey, l.place.rows + len(found.Rows), l.place.looked + found.Looked, found.Next}
	return l.with(pageParameter, then.String())
}

// searching reports whether the list leaves out live sessions.
func (l *sessionListing) searching() bool {
	return l.search != "" || l.alike.match != nil || l.query.EndsWithin > 0
}

// noneOf says that the search in data has found none of the first sessions of the list.
func (l *sessionListing) noneOf(looked int) string {
	end := "oldest"
	if l.query.Descending {
		end = "newest"
	}
	return fmt.Sprintf("None of the %s %s sessions has it in its data.", text.Number(looked), end)
}

// pagerFrom returns the pager of a page in a list by position.
func (l *sessionListing) pagerFrom(found record.Page, byKey bool) pager {
	p := pager{From: l.place.rows + 1, To: l.place.rows + len(found.Rows), Total: found.Total}
	if l.place != (place{}) {
		p.First = l.with()
	}
	if found.More {
		p.Next = l.next(found, byKey)
		p.GoesOn = len(found.Rows) < rowsOnPage
	}
	p.Says = l.progress(p, l.place.looked+found.Looked)
	return p
}

// progress says how far a list by position is. Its total counts sessions that timed out a
// short while ago, too.
func (l *sessionListing) progress(p pager, looked int) string {
	found := text.Number(p.To)
	if p.To == 0 {
		found = "none"
	}
	switch whole := p.Next == ""; {
	case whole && p.First == "":
		return found + " in all"
	case l.searching() && whole:
		return "All sessions were looked at, " + found + " found."
	case l.searching():
		return fmt.Sprintf("Looked at %s of about %s sessions, %s found so far.", text.Number(looked), text.Number(max(looked, p.Total)), found)
	default:
		return fmt.Sprintf("%s to %s of about %s", text.Number(p.From), found, text.Number(max(p.To, p.Total)))
	}
}
