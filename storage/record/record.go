// Package record has the data types that the storage and the session policy share:
// what is known of a session, the queries of session lists, and their names. It
// imports only the standard library.
package record

import "time"

// A Record is what the storage knows of one session at one instant. Durations are
// measured from that instant. The zero Record stands for a key without a session.
// The fields below Reason are zero unless State is Live.
type Record struct {
	State  State
	Reason Reason // why it ended; NoReason unless State is Ended

	Value   string
	Memo    any    // what Memoize kept; nil after every change
	Version uint64 // of a live session never 0; every change gives a new one, a refresh keeps it

	Age               time.Duration // since the session was created
	IdleTimeout       time.Duration // 0: none
	Remaining         time.Duration // until the earlier of both deadlines; 0: none
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: none
}

// Lifetime is how long a session lives. The zero Lifetime means forever. The storage
// rounds up to whole milliseconds and refuses negative durations.
type Lifetime struct {
	Idle     time.Duration // since the latest of creation, change and refresh; 0: no limit
	Absolute time.Duration // since its creation; 0: no limit
}
