package console

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pagesession/internal/session"
)

// Parameters of the list of sessions, beside the page.
const (
	searchParameter = "q"
	stateParameter  = "state"
	orderParameter  = "o" // a column, with a minus for descending
)

// maxSearch is longer than a name or an address is; agents are up to 200.
const maxSearch = 200

// sessionsAsked is what a list of sessions was asked for.
type sessionsAsked struct {
	list   listing
	search string
	state  sessionState
	order  string // as in the address
	query  session.Query
	page   int
}

// A sessionState is a choice of the filter.
type sessionState struct {
	name, title string
	query       session.Query
}

var stateChoices = []sessionState{
	{"", "Live", session.Query{}},
	{"10s", "Ending within 10 s", session.Query{EndsWithin: 10 * time.Second}},
	{"5s", "Ending within 5 s", session.Query{EndsWithin: 5 * time.Second}},
	{"ended", "Ended", session.Query{States: session.EndedOnly}},
	{"idle", "Timed out", session.Query{States: session.EndedOnly, Reason: session.Idle}},
	{"absolute", "Longest time reached", session.Query{States: session.EndedOnly, Reason: session.Absolute}},
	{"deleted", "Ended by the visitor", session.Query{States: session.EndedOnly, Reason: session.Deleted}},
	{"revoked", "Ended by an operator", session.Query{States: session.EndedOnly, Reason: session.Revoked}},
}

// A sessionColumn is a heading of the list.
type sessionColumn struct {
	name, title, class string
	order              session.Order
	sorts              bool
	descending         bool // the first time
}

var liveColumns = []sessionColumn{
	{title: "Name"},
	{name: "key", title: "Session", order: session.ByHandle, sorts: true},
	{title: "Address", class: "roomy"},
	{name: "created", title: "Created", class: "roomy", order: session.ByCreated, sorts: true, descending: true},
	{name: "used", title: "Last use", order: session.ByUsed, sorts: true, descending: true},
	{name: "refreshed", title: "Refreshed", class: "num", order: session.ByRefreshes, sorts: true, descending: true},
	{name: "left", title: "Ends in", order: session.ByRemaining, sorts: true},
}

var endedColumns = []sessionColumn{
	{name: "key", title: "Session", order: session.ByHandle, sorts: true},
	{title: "Why it ended"},
	{name: "ended", title: "Ended", order: session.ByEnded, sorts: true, descending: true},
}

// sessionsAskedOf reads the address. What it does not know in there is left out.
func sessionsAskedOf(v *visit) sessionsAsked {
	a := sessionsAsked{list: listing{path: "/admin/sessions/", values: url.Values{}}, state: stateChoices[0]}
	a.page = pageAsked(v.query(pageParameter))
	if a.page > 1 {
		a.list.values.Set(pageParameter, strconv.Itoa(a.page))
	}
	if a.search = v.asked(searchParameter); a.search != "" {
		a.list.values.Set(searchParameter, a.search)
	}
	for _, state := range stateChoices[1:] {
		if state.name == v.query(stateParameter) {
			a.state = state
			a.list.values.Set(stateParameter, state.name)
		}
	}
	a.query = a.state.query
	a.sortBy(v.query(orderParameter))
	return a
}

// sortBy takes the order over; without one that fits, who was here last comes
// first. That stands in the storage's index: of a million sessions it is found in
// half the time that any order by what stands behind it takes.
func (a *sessionsAsked) sortBy(order string) {
	name, descending := strings.CutPrefix(order, "-")
	for _, c := range a.plan() {
		if c.sorts && c.name == name {
			a.order, a.query.Order, a.query.Descending = order, c.order, descending
			a.list.values.Set(orderParameter, order)
			return
		}
	}
	a.order, a.query.Order, a.query.Descending = "-used", session.ByUsed, true
	if a.query.States == session.EndedOnly {
		a.order, a.query.Order = "-ended", session.ByEnded
	}
}

func (a *sessionsAsked) plan() []sessionColumn {
	if a.query.States == session.EndedOnly {
		return endedColumns
	}
	return liveColumns
}

// wrong says what is wrong with the search, if something is.
func (a *sessionsAsked) wrong() string { return wrongSearch(a.search) }

// wrongSearch says that a search is too long: each of its words is looked for in
// everything.
func wrongSearch(search string) string {
	if utf8.RuneCountInString(search) > maxSearch {
		return "A search has at most " + strconv.Itoa(maxSearch) + " characters."
	}
	return ""
}

// tries are the queries that may find what is searched, the likelier first. Eight
// digits are what logs and pages show of a key; less could be a name: Ada.
func (a *sessionsAsked) tries() []session.Query {
	byData, byKey := a.query, a.query
	byData.Search, byKey.Prefix = a.search, strings.ToLower(a.search)
	switch {
	case !isHandlePart(a.search), a.search == "":
		return []session.Query{byData}
	case a.query.States == session.EndedOnly: // nothing else is kept of them
		return []session.Query{byKey}
	case len(a.search) >= len(session.Handle{}.Fingerprint()):
		return []session.Query{byKey, byData}
	default:
		return []session.Query{byData, byKey}
	}
}

func isHandlePart(text string) bool {
	return len(text) <= len(session.Handle{}.String()) && strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}

// filter are the choices of the state.
func (a *sessionsAsked) filter() filter {
	f := filter{Title: "State", Name: stateParameter}
	for _, state := range stateChoices {
		f.Choices = append(f.Choices, choice{
			Title: state.title, Value: state.name, Current: state.name == a.state.name,
			URL: a.list.with(stateParameter, state.name, orderParameter, a.orderIn(state)),
		})
	}
	return f
}

// orderIn keeps the order where there is a column for it.
func (a *sessionsAsked) orderIn(state sessionState) string {
	if state.query.States != a.query.States {
		return ""
	}
	return a.list.values.Get(orderParameter)
}

// columns are the headings, with links that sort, or sort the other way.
func (a *sessionsAsked) columns() []column {
	var all []column
	for _, c := range a.plan() {
		heading := column{Title: c.title, Class: c.class}
		if c.sorts {
			heading.URL, heading.Sort = a.sorted(c)
		}
		all = append(all, heading)
	}
	return all
}

func (a *sessionsAsked) sorted(c sessionColumn) (link, sort string) {
	next := c.name
	switch {
	case a.order == c.name:
		sort, next = "ascending", "-"+c.name
	case a.order == "-"+c.name:
		sort = "descending"
	case c.descending:
		next = "-" + c.name
	}
	return a.list.with(orderParameter, next), sort
}
