package record

import "time"

// MaxLimit is the largest page, in rows.
const MaxLimit = 500

// A Query asks for a page of sessions. The zero Query is the 50 oldest live
// ones.
type Query struct {
	States States
	Reason Reason // keeps of the ended sessions those that ended for it; NoReason: all

	// Prefix is the beginning of a handle, in hex of either case. "" matches
	// every session; a text that is not hex matches none.
	Prefix string
	// EndsWithin keeps live sessions with at most this time left; 0: all.
	EndsWithin time.Duration
	// Match picks live sessions by their value; nil: all. Several
	// goroutines call it at once, without a lock, for every session that
	// matches the other fields. It must only read. Values of ended sessions
	// are not kept, so a Query with a Match finds live sessions only.
	Match func(value []byte) bool

	Order      Order
	Descending bool
	Offset     int // rows to skip; below 0 is 0
	Limit      int // rows wanted; 0 is 50, more than MaxLimit is MaxLimit
}

// States says which sessions a Query is about.
type States uint8

// LiveOnly is the zero value. Ended sessions are remembered for ten minutes,
// unless too many end.
const (
	LiveOnly States = iota
	EndedOnly
	LiveAndEnded
)

// Order says by what a Query sorts. Rows that are equal by it are in the order
// of their handles, so each row is on one page. Ended sessions stand behind all
// live ones, by when they ended.
type Order uint8

// ByCreated is the zero value. Ascending is: the longest ago first, the
// shortest time left first, the fewest refreshes first.
const (
	ByCreated   Order = iota
	ByUsed            // creation, last change or last refresh
	ByRemaining       // time left; sessions without an end are last
	ByAbsolute        // time left until the absolute timeout; those without are last
	ByRefreshes
	ByEnded  // when it ended; live sessions are in the order of ByUsed
	ByHandle // spreads sessions evenly, without a meaning
)

// A Page is the answer to a Query, as of the instant of the call. A session that
// is created, used or ended during the milliseconds that the call takes appears
// as it was before or after.
type Page struct {
	Rows  []Row
	Total int       // rows that fit the query, on this page or another
	At    time.Time // wall clock of the instant
}

// A Row is a session as a console shows it. Durations are measured from the
// page's instant. A session that has ended has only the first four fields, and
// Key until it is swept.
type Row struct {
	Handle   Handle
	State    State         // Live or Ended; None: there is no session of that handle
	Reason   Reason        // why it ended
	EndedAgo time.Duration // since it ended

	Key               Key
	Age               time.Duration // since it was created
	Unused            time.Duration // since creation, last change or last refresh
	IdleTimeout       time.Duration // 0: it never idles out
	Remaining         time.Duration // until the next deadline; 0: there is none
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: there is none
	Refreshes         uint32        // since the storage was opened: the file does not count them
	Subject           string        // whose session it is; "": no subject
	Value             []byte        // shared with the storage: read only
}
