package record

import "time"

// MaxLimit is the maximum number of rows on a page, MaxBulk that of a Query with Bulk.
const (
	MaxLimit = 500
	MaxBulk  = 20_000
)

// A Query asks for a page of sessions. The zero Query returns the 50 oldest live
// sessions.
//
// A store in memory or in a file has every field except From. A store on a session server
// lists by position: it has only live sessions, by creation, and begins at From. It refuses
// Queries with other States, a Reason, another Order or an Offset.
type Query struct {
	States States
	Reason Reason // keeps ended sessions with this reason; NoReason: all

	// Prefix keeps sessions whose handle begins with it, in hex, in upper or lower case. ""
	// keeps every session. A text that is not hex keeps none.
	Prefix string
	// EndsWithin keeps live sessions with at most this time left. 0 keeps all.
	EndsWithin time.Duration
	// Match keeps live sessions by their value; nil keeps all. It is called for
	// every session that the other fields keep, by several goroutines at once and
	// without a lock. It must only read. The values of ended sessions are gone, so a
	// Query with a Match finds live sessions only.
	Match func(value string) bool

	Order      Order
	Descending bool
	Offset     int      // rows to skip; a negative number means 0
	From       Position // where the page begins, in a store that lists by position
	Limit      int      // rows wanted; 0 or less means 50, at most MaxLimit
	Bulk       bool     // for work on many sessions, page after page: at most MaxBulk rows
}

// Rows returns how many rows the Query wants, within its bounds.
func (q *Query) Rows() int {
	most := MaxLimit
	if q.Bulk {
		most = MaxBulk
	}
	if q.Limit <= 0 {
		return 50
	}
	return min(q.Limit, most)
}

// States says which sessions a Query is about.
type States uint8

// LiveOnly is the zero value. Ended sessions are remembered for at least ten
// minutes, unless too many end.
const (
	LiveOnly States = iota
	EndedOnly
	LiveAndEnded
)

// Order says what a Query sorts by. Rows that are equal by it are sorted by their
// handles, so each row is on exactly one page. Ended sessions come after all live
// ones, sorted by when they ended.
type Order uint8

// ByCreated is the zero value. Ascending means: the oldest first, the shortest time
// left first, the fewest refreshes first.
const (
	ByCreated   Order = iota
	ByUsed            // the latest of creation, change and refresh
	ByRemaining       // time left; sessions without a deadline are last
	ByAbsolute        // time left until the absolute timeout; sessions without one are last
	ByRefreshes
	ByEnded  // when it ended; live sessions are sorted as by ByUsed
	ByHandle // by the handle's bytes: an order without meaning, the same in each call
)

// A Page is the answer to a Query, as of the instant of the call. A session that is
// created, used or ended while the call runs, which is milliseconds, appears as it
// was before or after.
type Page struct {
	Rows []Row
	// Total is the number of rows on all pages together. In a store that lists by position
	// it is the number of all sessions, whatever the Query keeps, with those that timed out
	// in the last minutes.
	Total int
	At    time.Time // the instant, by the store's wall clock

	// Only of a store that lists by position.
	More   bool     // there may be rows after Next
	Next   Position // where the next page begins
	Looked int      // sessions at which it has looked: a search stops after some thousand
}

// A Row is a session as a console shows it. Durations are measured from the page's
// instant. An ended session has the first four fields, and Key until it is swept.
type Row struct {
	Handle   Handle
	State    State         // Live or Ended; None: no session has this handle
	Reason   Reason        // why it ended
	EndedAgo time.Duration // since it ended

	Key               Key
	Age               time.Duration // since it was created
	Unused            time.Duration // since the latest of creation, change and refresh
	IdleTimeout       time.Duration // 0: none
	Remaining         time.Duration // until the earlier of both deadlines; 0: none
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: none
	Refreshes         uint32        // since Open: they are counted in memory only
	Subject           string        // whose session it is; "": no subject
	Value             string
}
