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
// of their handles, so that no row is on two pages. Ended sessions stand behind
// all live ones, by when they ended, for that is all that is known of them.
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
	Reason Reason // of ended sessions only those that ended for it; NoReason: all

	// Prefix is the beginning of a handle, in hex; "" fits every session,
	// what is not hex fits none.
	Prefix string
	// EndsWithin leaves live sessions out that have more time left; 0: no
	// limit.
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

// A Page is the answer to a Query. It is true for the instant at which List was
// called; a session that came, went or was used within the milliseconds in which
// List reads the index may be seen as it was before or after.
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

// List returns a page of sessions. It is for people, not for requests of
// visitors: Lists run one after the other, each on two processors at most. No
// lock that a refresh needs is held for longer than it takes to copy one of 256
// parts of the index. After Close it goes on in memory.
func (s *Storage) List(q Query) Page {
	s.listing.Lock()
	defer s.listing.Unlock()
	v, _ := s.surveys.Get().(*survey)
	if v == nil {
		v = new(survey)
	}
	defer s.surveys.Put(v)
	q = q.withDefaults()
	at := s.cfg.Clock.Wall()
	v.take(s.index, &q, s.line.now())
	page := v.page(&q)
	page.At = at
	return page
}

func (q Query) withDefaults() Query {
	q.Offset = max(0, q.Offset)
	if q.Limit = min(q.Limit, MaxLimit); q.Limit <= 0 {
		q.Limit = 50
	}
	return q
}
