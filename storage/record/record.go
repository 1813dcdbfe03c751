// Package record has the types that the storage and the session policy share:
// what is known of a session, queries for lists of sessions, and their names. It
// is plain data and imports the standard library only.
package record

import "time"

// A Record is what the storage knows of one session at one instant. Durations
// are measured from that instant. The zero Record is a key without a session;
// all fields below Reason are zero unless State is Live.
type Record struct {
	State  State
	Reason Reason // why it ended; NoReason unless State is Ended

	Value   []byte // shared with the storage: read only
	Memo    any    // what Memoize left beside Value; nil after every change
	Version uint64 // changes with every change of Value; a refresh leaves it; never 0

	Age               time.Duration // since the session was created
	IdleTimeout       time.Duration // 0: it never idles out
	Remaining         time.Duration // until the next deadline; 0: there is none
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: there is none
}

// Lifetime is how long a session lives. The zero Lifetime has no end. The
// storage rounds up to whole milliseconds and refuses negative durations.
type Lifetime struct {
	Idle     time.Duration // since its last change or refresh; 0: no limit
	Absolute time.Duration // since its creation, whatever is done; 0: no limit
}
