package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"pagesession/storage/record"
)

const stateParameter = "state"

// A sessionListing is the list of sessions as an address asks for it.
type sessionListing struct {
	listing
	search string
	state  sessionState
	query  record.Query
	page   int
	alike  alike

	byPosition bool  // the store lists live sessions by creation only, from a place
	place      place // in place of page
}

// A sessionState is an option of the filter.
type sessionState struct {
	name, title string
	query       record.Query
}

var stateOptions = []sessionState{
	{"", "Live", record.Query{}},
	{"10s", "Expires in 10 s", record.Query{EndsWithin: 10 * time.Second}},
	{"5s", "Expires in 5 s", record.Query{EndsWithin: 5 * time.Second}},
	{"ended", "Ended", record.Query{States: record.EndedOnly}},
	{"idle", whyEnded(record.Idle), record.Query{States: record.EndedOnly, Reason: record.Idle}},
	{"absolute", whyEnded(record.Absolute), record.Query{States: record.EndedOnly, Reason: record.Absolute}},
	{"deleted", whyEnded(record.Deleted), record.Query{States: record.EndedOnly, Reason: record.Deleted}},
	{"revoked", whyEnded(record.Revoked), record.Query{States: record.EndedOnly, Reason: record.Revoked}},
}

var (
	positionHeadings = []heading{
		{title: "Name"},
		{title: "Fingerprint"},
		{title: "Address", class: "roomy"},
		{title: "Browser", class: "roomy"},
		{name: "created", title: "Created", descending: true},
		{title: "Last used"},
		{title: "Expires in"},
	}
	liveHeadings = []heading{
		{title: "Name"},
		{name: "key", title: "Fingerprint"},
		{title: "Address", class: "roomy"},
		{title: "Browser", class: "roomy"},
		{name: "created", title: "Created", class: "roomy", descending: true},
		{name: "used", title: "Last used", descending: true},
		{name: "refreshed", title: "Refreshes", class: "num", descending: true},
		{name: "left", title: "Expires in"},
	}
	endedHeadings = []heading{
		{name: "key", title: "Fingerprint"},
		{title: "Reason"},
		{name: "ended", title: "Ended", descending: true},
	}
)

// sessionOrders are the orders of the headings that sort.
var sessionOrders = map[string]record.Order{
	"key": record.ByHandle, "created": record.ByCreated, "used": record.ByUsed,
	"refreshed": record.ByRefreshes, "left": record.ByRemaining, "ended": record.ByEnded,
}

// readSessionListing reads the address. It ignores values that it does not know.
func readSessionListing(r *request, byPosition bool) sessionListing {
	l := sessionListing{listing: newListing("/admin/sessions/"), state: stateOptions[0], byPosition: byPosition}
	l.readPage(r)
	l.search = l.keep(searchParameter, r.asked(searchParameter))
	for _, state := range l.states()[1:] {
		if state.name == r.query(stateParameter) {
			l.state = state
			l.keep(stateParameter, state.name)
		}
	}
	l.query = l.state.query
	if a := alikeOf(r.query(byParameter), r.query(isParameter)); a.match != nil && !l.ended() {
		l.alike = a
		l.keep(byParameter, a.by)
		l.keep(isParameter, a.is)
	}
	l.sortBy(r)
	return l
}

// readPage takes the page: a number, or a place.
func (l *sessionListing) readPage(r *request) {
	if l.byPosition {
		l.place = parsePlace(r.query(pageParameter))
		l.keep(pageParameter, l.place.String())
		return
	}
	if l.page = pageAsked(r); l.page > 1 {
		l.keep(pageParameter, strconv.Itoa(l.page))
	}
}

// states are the options of the filter. A list by position has no ended sessions.
func (l *sessionListing) states() []sessionState {
	if !l.byPosition {
		return stateOptions
	}
	return slices.DeleteFunc(slices.Clone(stateOptions), func(s sessionState) bool { return s.query.States != record.LiveOnly })
}

// sortBy takes the order. By default the last used session comes first, which the
// storage's index finds in half the time of the other orders; by position the newest.
func (l *sessionListing) sortBy(r *request) {
	otherwise := "-used"
	switch {
	case l.byPosition:
		otherwise = "-created"
	case l.ended():
		otherwise = "-ended"
	}
	name, descending := l.sort(r, l.headings(), otherwise)
	l.query.Order, l.query.Descending = sessionOrders[name], descending
}

func (l *sessionListing) ended() bool { return l.query.States == record.EndedOnly }

func (l *sessionListing) headings() []heading {
	switch {
	case l.byPosition:
		return positionHeadings
	case l.ended():
		return endedHeadings
	default:
		return liveHeadings
	}
}

// tries returns the queries for a search, the likelier first. Eight hex digits are
// likely to be a fingerprint; fewer can be a name, such as Ada. From a place on there is
// one.
func (l *sessionListing) tries() []record.Query {
	byData, byKey := l.byData(), l.byKey()
	switch {
	case !isHandlePart(l.search), l.search == "":
		return []record.Query{byData}
	case l.place.byKey:
		return []record.Query{byKey}
	case l.place != (place{}):
		return []record.Query{byData}
	case l.ended(): // only their keys are kept
		return []record.Query{byKey}
	case len(l.search) >= len(record.Handle{}.Fingerprint()):
		return []record.Query{byKey, byData}
	default:
		return []record.Query{byData, byKey}
	}
}

// byData looks for the search in data.
func (l *sessionListing) byData() record.Query {
	q := l.query
	q.Match = l.alike.and(searchFor(l.search))
	return q
}

// byKey looks for the search at the beginning of fingerprints.
func (l *sessionListing) byKey() record.Query {
	q := l.query
	q.Prefix, q.Match = l.search, l.alike.match
	return q
}

func isHandlePart(text string) bool {
	return len(text) <= len(record.Handle{}.String()) && strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}

// filter are the states; an option keeps the order where its list has that column.
func (l *sessionListing) filter() filter {
	f := filter{Title: "State", Name: stateParameter}
	for _, state := range l.states() {
		order := l.values.Get(orderParameter)
		if state.query.States != l.query.States {
			order = ""
		}
		f.Options = append(f.Options, option{
			Title: state.title, Value: state.name, Current: state.name == l.state.name,
			URL: l.with(stateParameter, state.name, orderParameter, order),
		})
	}
	return f
}
