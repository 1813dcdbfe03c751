// Package session is the session policy: how a session is started, looked
// at, refreshed, changed, rotated and ended over HTTP.
//
// Sessions are Fiber's own (its session.Store, its Session, its gob format);
// what this package adds is everything around them: deadlines that slide and
// deadlines that do not, a cookie that says what the server will do, and
// answers for the races and failures that the middleware leaves open.
package session

import (
	"errors"
	"time"
)

// A Key is the SHA-256 of a session id. It names a session everywhere below
// the cookie; the id itself is never kept.
type Key = [32]byte

// State tells what a cookie stands for.
type State uint8

// None is the zero value: no cookie, a malformed one, or an id nobody issued.
const (
	None State = iota
	Live
	Ended
)

// String returns the word used in JSON: "none", "live" or "ended".
func (s State) String() string {
	switch s {
	case Live:
		return "live"
	case Ended:
		return "ended"
	default:
		return "none"
	}
}

// Reason tells why a session ended. The zero value means that it has not, or
// that nobody remembers.
type Reason uint8

// The reasons, in the order of the numbers that the storage keeps on disk.
const (
	NoReason Reason = iota
	Idle            // nobody looked at it for its idle timeout
	Absolute        // it reached its absolute timeout
	Deleted         // its owner ended it
	Revoked         // an operator ended it
	Replaced        // it was rotated: its data lives on under a new id
)

// String returns the word used in JSON: "", "idle", "absolute", "deleted",
// "revoked" or "replaced".
func (r Reason) String() string {
	switch r {
	case Idle:
		return "idle"
	case Absolute:
		return "absolute"
	case Deleted:
		return "deleted"
	case Revoked:
		return "revoked"
	case Replaced:
		return "replaced"
	default:
		return ""
	}
}

// A Record is what the store knows of one session at one instant. Durations
// are measured from that instant, so nobody else needs the store's clock.
// The zero Record is a session that never was.
type Record struct {
	State  State
	Reason Reason // why it ended; NoReason unless State is Ended

	Value   []byte // gob of the values, behind their origin; shared with the store, read only
	Memo    any    // what Memoize left beside Value, nil after every change
	Version uint64 // changes with every change of Value, never with a refresh

	Age               time.Duration // since the session was created
	IdleTimeout       time.Duration // 0: the session never idles out
	Remaining         time.Duration // until the next deadline; 0: there is none
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: there is none
}

// Store is what the policy needs of a storage. Its methods are safe for
// concurrent use. Refresh, Peek and Memoize never wait for a disk; the others
// return after their change is durable, or with an error and no change.
type Store interface {
	// Refresh moves the deadline of a live session to now plus its idle
	// timeout (never past its absolute timeout) and returns it as it is
	// after that. It leaves anything else as it is.
	Refresh(Key) Record
	// Peek is Refresh without moving anything.
	Peek(Key) Record
	// Memoize keeps memo beside the value until the value changes. It does
	// nothing when the session's version is not that version any more.
	Memoize(k Key, version uint64, memo any)

	// Create stores a new session. absolute 0 means no absolute timeout.
	// Errors: ErrEnded when the key was used before, ErrFull, ErrUnavailable.
	Create(k Key, value []byte, idle, absolute time.Duration) error
	// Replace changes a live session's value and idle timeout and starts
	// its idle time again. Errors: ErrEnded when it is not live,
	// ErrFull, ErrUnavailable.
	Replace(k Key, value []byte, idle time.Duration) error
	// Rotate moves a live session to a new key in one step; the old key
	// has ended with Replaced. Created and absolute timeout are kept.
	// Errors as Replace.
	Rotate(from, to Key, value []byte, idle time.Duration) error
	// End ends a session. It returns false and no error when there was no
	// live one. Errors: ErrUnavailable.
	End(k Key, why Reason) (bool, error)
}

// Errors of the store and of the policy. Test with errors.Is.
var (
	// ErrEnded: the session ended, possibly while the change was under way.
	ErrEnded = errors.New("session has ended")
	// ErrFull: a limit (sessions, bytes, queue) is reached; nothing was done.
	ErrFull = errors.New("session store is full")
	// ErrUnavailable: the change could not be made durable and was not done.
	ErrUnavailable = errors.New("session store is unavailable")
	// ErrTimeout: a timeout that was asked for is below 1 s or too long.
	ErrTimeout = errors.New("session timeout is out of range")
)
