package storage

import "time"

// States tells which sessions a Query is about.
type States uint8

// LiveOnly is the zero value.
const (
	LiveOnly  States = iota
	EndedOnly        // what the tombstones remember, and what has expired and is not yet swept
	LiveAndEnded
)

// Order tells by what a Query sorts. Rows that are equal by it are in the order
// of their handles, so that no row is on two pages. What is not known of ended
// sessions makes no order among them: they are in that of ByEnded then.
type Order uint8

// ByCreated is the zero value. Ascending is: the longest ago first, the shortest
// time left first, the fewest refreshes first.
const (
	ByCreated   Order = iota
	ByUsed            // creation, last change or last refresh
	ByRemaining       // time left; sessions without an end are last
	ByAbsolute        // time left until the absolute timeout; those without are last
	ByRefreshes
	ByEnded  // when it ended; live sessions are in the order of ByUsed
	ByHandle // no order that means anything
)

// MaxLimit is the largest page.
const MaxLimit = 500

// A Query asks List for a page. The zero Query is the 50 oldest live sessions.
type Query struct {
	States States
	Reason Reason // only sessions that ended for it; NoReason: whatever they ended for

	// Prefix is the beginning of a handle in hex, as long as it wants to
	// be; "" fits every session and what is not hex fits none.
	Prefix string
	// EndsWithin leaves live sessions out that have more time left; 0: none.
	EndsWithin time.Duration
	// Match picks live sessions by their value; nil: all. It is called by
	// several goroutines at once, for every session that fits otherwise,
	// without a lock, and must only read. Values of ended sessions are not
	// kept: with a Match they do not fit.
	Match func(value []byte) bool

	Order      Order
	Descending bool
	Offset     int // rows to leave out; below 0 is 0
	Limit      int // rows wanted; 0 is 50, more than MaxLimit is MaxLimit
}

// A Page is the answer to a Query. It is true for one instant, which may be
// up to a second ago, but not for one before the last End, EndMany or EndAll
// with Revoked, which returned before List was called.
type Page struct {
	Rows  []Row
	Total int       // rows that fit the query, on this page or another
	At    time.Time // wall clock of the instant
}

// A Row is a session as a console shows it. Durations are measured from the
// page's instant. Of sessions that have ended only the first four are known,
// and Key only until they are swept.
type Row struct {
	Handle   Handle
	Status   Status        // Live or Ended; Unknown: there is nothing of that handle
	Reason   Reason        // why it ended
	EndedAgo time.Duration // since it ended

	Key               Key
	Age               time.Duration // since its creation
	Unused            time.Duration // since creation, last change or last refresh
	IdleTimeout       time.Duration // 0: never idles out
	Remaining         time.Duration // until the next deadline; 0: there is none
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: there is none
	Refreshes         uint32        // since Open: the file does not count them
	Value             []byte        // shared with the storage: read only
}

// List returns a page of sessions, in an order that is the same for every page.
// It is for people, not for requests of visitors: Lists run one after the other.
// No lock that a refresh needs is held for longer than it takes to copy one of
// 256 parts of the index. After Close it goes on in memory.
func (s *Storage) List(q Query) Page {
	return Page{At: s.cfg.Clock.Wall()}
}

// Find returns the session of a handle, live or ended, as it is now. It costs
// as much as Peek.
func (s *Storage) Find(h Handle) Row {
	return Row{Handle: h}
}
