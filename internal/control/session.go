package control

import (
	"fmt"
	"strings"
	"time"

	"pagesession/session"
	"pagesession/storage/record"
)

// A SessionQuery asks for a page of sessions. A store that lists by position takes no other
// State, Sort and Offset than the usual ones, except a Sort by creation, and only it takes
// From.
type SessionQuery struct {
	Search string `json:"search"`
	State  string `json:"state"` // one of record.StatesNames; "" is live
	Sort   string `json:"sort"`  // one of record.OrderNames, "-" before it for descending; "" is created
	Limit  int    `json:"limit"` // 1 to record.MaxLimit; 0 is 50
	Offset int    `json:"offset"`
	From   string `json:"from,omitempty"` // the Next of the page before
}

// parse checks a query, which may come over the socket.
func (q SessionQuery) parse(byPosition bool) (record.Query, error) {
	states, known := record.ParseStates(q.State)
	if q.State != "" && !known {
		return record.Query{}, fmt.Errorf("%w: unknown state %q", ErrRequest, q.State)
	}
	sort, descending := strings.CutPrefix(q.Sort, "-")
	order, known := record.ParseOrder(sort)
	if sort != "" && !known {
		return record.Query{}, fmt.Errorf("%w: unknown order %q", ErrRequest, q.Sort)
	}
	if q.Limit < 0 || q.Limit > record.MaxLimit || q.Offset < 0 {
		return record.Query{}, fmt.Errorf("%w: invalid limit %d or offset %d", ErrRequest, q.Limit, q.Offset)
	}
	from, err := record.ParsePosition(q.From)
	if err != nil {
		return record.Query{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	query := record.Query{
		States: states, Match: session.Search(q.Search),
		Order: order, Descending: descending, Offset: q.Offset, From: from, Limit: q.Limit,
	}
	return query, q.suits(&query, byPosition)
}

// suits returns an error if the store lists in another way than a query asks.
func (q SessionQuery) suits(query *record.Query, byPosition bool) error {
	switch {
	case !byPosition && query.From != (record.Position{}):
		return fmt.Errorf("--from %w for sessions in a file; use --offset", ErrQuery)
	case !byPosition:
		return nil
	case query.States != record.LiveOnly:
		return fmt.Errorf("--state %s %w by a session server, which lists live sessions only; leave it out", q.State, ErrQuery)
	case query.Order != record.ByCreated:
		return fmt.Errorf("--sort %s %w by a session server, which lists sessions by creation only; use created or -created", q.Sort, ErrQuery)
	case query.Offset > 0:
		return fmt.Errorf("--offset %d %w by a session server, which cannot skip sessions; use --from with the word at the end of the page before", q.Offset, ErrQuery)
	}
	return nil
}

// A SessionList is the answer to a SessionQuery.
type SessionList struct {
	At       time.Time `json:"at"`    // the instant that the list describes
	Total    int       `json:"total"` // on all pages; by position all sessions, whatever the search
	Offset   int       `json:"offset"`
	Sessions []Session `json:"sessions"`

	// Only of a store that lists by position.
	ByPosition bool   `json:"by_position,omitempty"`
	Looked     int    `json:"looked,omitempty"` // at how many sessions a search has looked
	Next       string `json:"next,omitempty"`   // the From of the next page; "": there is none
}

// A SessionName names a session by its handle, or by a beginning of the handle that is
// unique, such as the fingerprint.
type SessionName struct {
	Name string `json:"name"`
}

// minName is the smallest number of digits in a SessionName. With fewer, a typing
// mistake would often name another session.
const minName = 4

// Check returns an error if n is not the form of a session's name.
func (n SessionName) Check() error {
	hex := strings.Trim(strings.ToLower(n.Name), "0123456789abcdef") == ""
	if !hex || len(n.Name) < minName || len(n.Name) > len(record.Handle{}.String()) {
		return fmt.Errorf(`%q is not a session; give the fingerprint that "pagesession sessions list" shows, or at least %d of its digits`, n.Name, minName)
	}
	return nil
}

// A Session is what operators see of a visitor's session. It has no secret that opens
// the session. Living is nil for an ended session.
type Session struct {
	Handle      string `json:"handle,omitempty"` // none in an export
	Fingerprint string `json:"fingerprint"`      // the beginning of the handle
	State       string `json:"state"`            // live or ended
	Reason      string `json:"reason"`           // why it ended
	EndedAgoMS  int64  `json:"ended_ago_ms"`
	NotOnDisk   bool   `json:"not_on_disk,omitempty"` // from EndSession: see Count
	*Living
}

// Living is the part of a Session that only live sessions have. Durations are in
// milliseconds from the instant of the answer.
type Living struct {
	CreatedAt           time.Time         `json:"created_at"`
	AgeMS               int64             `json:"age_ms"`
	UnusedMS            int64             `json:"unused_ms"`
	IdleTimeoutMS       int64             `json:"idle_timeout_ms"`       // 0: no idle timeout
	RemainingMS         int64             `json:"remaining_ms"`          // 0: no timeout
	AbsoluteRemainingMS int64             `json:"absolute_remaining_ms"` // 0: no absolute timeout
	Refreshes           uint32            `json:"refreshes"`             // since the server started
	Name                string            `json:"name"`
	Address             string            `json:"address"`
	Agent               string            `json:"agent"`
	Values              map[string]string `json:"values,omitzero"` // only from ShowSession
}

// describe returns the Session for a row of the instant at, with its values if values
// is true.
func describe(row record.Row, at time.Time, values bool) Session {
	s := Session{
		Handle: row.Handle.String(), Fingerprint: row.Handle.Fingerprint(),
		State: row.State.String(), Reason: row.Reason.String(), EndedAgoMS: row.EndedAgo.Milliseconds(),
	}
	if row.State != record.Live {
		return s
	}
	info, _ := session.Describe(row.Value) // values that cannot be decoded are left out
	s.Living = &Living{
		CreatedAt: at.Add(-row.Age).UTC().Truncate(time.Millisecond),
		AgeMS:     row.Age.Milliseconds(), UnusedMS: row.Unused.Milliseconds(), IdleTimeoutMS: row.IdleTimeout.Milliseconds(),
		RemainingMS: row.Remaining.Milliseconds(), AbsoluteRemainingMS: row.AbsoluteRemaining.Milliseconds(),
		Refreshes: row.Refreshes, Name: info.Values.String("name"), Address: info.Address, Agent: info.Agent,
	}
	if values {
		s.Values = make(map[string]string)
		for name, data := range info.Values.All() {
			s.Values[name] = fmt.Sprint(data) // as text, since JSON lacks some types
		}
	}
	return s
}
