package session

import (
	"encoding/hex"
	"time"
)

// A Lister shows operators all sessions of a store, and ends those they want to
// end. Its methods are safe for concurrent use.
type Lister interface {
	// List returns a page of sessions. Rows that are equal by the order are
	// in that of their handles, so no session is on two pages.
	List(Query) Page
	// Find returns the session of a handle as it is now; State is None when
	// there is none, or when nobody remembers it.
	Find(Handle) Row
	// End ends a session. It returns false and no error when there was no
	// live one. Errors: ErrFull, ErrUnavailable.
	End(k Key, why Reason) (bool, error)
	// EndMany ends sessions and returns how many were live. On an error
	// those that could not be ended live on. Errors as End.
	EndMany(keys []Key, why Reason) (ended int, err error)
	// EndAll ends every session and returns how many were live. Errors as
	// End.
	EndAll(why Reason) (ended int, err error)
	// Sweep frees the memory and the file of what has expired, and returns
	// how many sessions that were. It ends nothing: those had ended.
	Sweep() int
}

// A Handle names a session in a console and its addresses: the first half of
// its key, from which nobody gets to the id.
type Handle [16]byte

// String returns 32 hex digits.
func (h Handle) String() string { return hex.EncodeToString(h[:]) }

// Fingerprint returns the eight of them by which logs name the session.
func (h Handle) Fingerprint() string { return hex.EncodeToString(h[:4]) }

// HandleOf returns a key's handle.
func HandleOf(k Key) Handle { return Handle(k[:16]) }

// ParseHandle reads what String wrote; false: it is something else.
func ParseHandle(s string) (Handle, bool) {
	var h Handle
	if len(s) != hex.EncodedLen(len(h)) {
		return h, false
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Handle{}, false
	}
	return h, true
}

// States tells which sessions a Query is about.
type States uint8

// LiveOnly is the zero value. Ended sessions are remembered for ten minutes at
// least.
const (
	LiveOnly States = iota
	EndedOnly
	LiveAndEnded
)

// Order tells by what a Query sorts.
type Order uint8

// ByCreated is the zero value. Ascending is: the longest ago first, the shortest
// time left first, the fewest refreshes first.
const (
	ByCreated Order = iota
	ByUsed
	ByRemaining // sessions without an end are last
	ByAbsolute  // those without an absolute timeout are last
	ByRefreshes
	ByEnded // live sessions are in the order of ByUsed
	ByHandle
)

// A Query asks for a page of sessions. The zero Query is the 50 oldest live
// ones.
type Query struct {
	States     States
	Reason     Reason        // only what ended for it; NoReason: whatever it ended for
	Search     string        // see Search; ended sessions have nothing to search
	Prefix     string        // of the handle, in hex
	EndsWithin time.Duration // only what has no more time left; 0: all
	Order      Order
	Descending bool
	Offset     int
	Limit      int // 0 is 50, at most 500
}

// A Page is the answer to a Query, true for one instant, which may be up to a
// second ago. What was revoked before the call is not on it.
type Page struct {
	Rows  []Row
	Total int       // rows that fit the query, on this page or another
	At    time.Time // wall clock of the instant
}

// A Row is a session as a console shows it. Durations are measured from the
// page's instant. Of sessions that have ended only the first four are known,
// and Key for a while.
type Row struct {
	Handle   Handle
	State    State
	Reason   Reason        // why it ended
	EndedAgo time.Duration // since it ended

	Key               Key
	Age               time.Duration // since it was created
	Unused            time.Duration // since it was created, changed or refreshed
	IdleTimeout       time.Duration // 0: never idles out
	Remaining         time.Duration // until it ends unless refreshed; 0: never ends
	AbsoluteRemaining time.Duration // until it ends whatever is done; 0: never
	Refreshes         uint32        // since the server started
	Value             []byte        // for Describe and OriginOf; read only
}
