package record

import "time"

// MaxLimit is the largest page, in rows.
const MaxLimit = 500

// A Query asks for a page of sessions. The zero Query is the 50 oldest live
// ones.
type Query struct {
	States States
	Reason Reason // of ended sessions only those that ended for it; NoReason: all

	// Prefix is the beginning of a handle, in hex of either case. "" fits
	// every session, anything that is not hex fits none.
	Prefix string
	// EndsWithin keeps live sessions with at most this time left; 0: all.
	EndsWithin time.Duration
	// Match picks live sessions by their value; nil: all. Several
	// goroutines call it at once, without a lock, for every session that
	// fits otherwise. It must only read. Values of ended sessions are not
	// kept, so a Query with a Match finds live sessions only.
	Match func(value []byte) bool

	Order      Order
	Descending bool
	Offset     int // rows to leave out; below 0 is 0
	Limit      int // rows wanted; 0 is 50, more than MaxLimit is MaxLimit
}

// States tells which sessions a Query is about.
type States uint8

// LiveOnly is the zero value. Ended sessions are remembered for ten minutes,
// unless too many end.
const (
	LiveOnly States = iota
	EndedOnly
	LiveAndEnded
)

// Order tells by what a Query sorts. Rows that are equal by it are in the order
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

// A Page is the answer to a Query. It is true for the instant at which the
// list was asked for; a session that came, went or was used within the
// milliseconds that it took may be seen as it was before or after.
type Page struct {
	Rows  []Row
	Total int       // rows that fit the query, on this page or another
	At    time.Time // wall clock of the instant
}

// A Row is a session as a console shows it. Durations are measured from the
// page's instant. Of sessions that have ended only the first four fields are
// known, and Key until they are swept.
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
