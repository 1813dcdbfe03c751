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

	"pagesession/storage/record"
)

// Store is what the policy needs of a storage. Its methods are safe for
// concurrent use. Refresh, Peek and Memoize never wait for a disk; the others
// return after their change is durable, or with an error and no change.
type Store interface {
	// Refresh moves the deadline of a live session to now plus its idle
	// timeout (never past its absolute timeout) and returns it as it is
	// after that. It leaves anything else as it is.
	Refresh(record.Key) record.Record
	// Peek is Refresh without moving anything.
	Peek(record.Key) record.Record
	// Memoize keeps memo beside the value until the value changes. It does
	// nothing when the session's version is not that version any more.
	Memoize(k record.Key, version uint64, memo any)

	// Create stores a new session. Errors: ErrEnded when the key was used before, ErrFull, ErrUnavailable.
	Create(k record.Key, value []byte, life record.Lifetime) error
	// Replace changes a live session's value and idle timeout and starts
	// its idle time again. Errors: ErrEnded when it is not live,
	// ErrFull, ErrUnavailable.
	Replace(k record.Key, value []byte, idle time.Duration) error
	// Rotate moves a live session to a new key in one step; the old key
	// has ended with Replaced. Created and absolute timeout are kept.
	// Errors as Replace.
	Rotate(from, to record.Key, value []byte, idle time.Duration) error
	// End ends a session. It returns false and no error when there was no
	// live one. Errors: ErrUnavailable.
	End(k record.Key, why record.Reason) (bool, error)
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
