package session

import (
	"context"
	"errors"
	"time"

	"pagesession/storage/record"
)

// A Store keeps sessions: in memory, in a file, or behind a network.
//
// Every method is safe for concurrent use, may wait, and may fail. A change
// (Create, Replace, Rotate, End, EndSubject) that returns nil is durable, as
// far as the store promises durability, and visible to every later call. One
// that returns an error is not done and will not be done later, unless the
// error is the context's: then it may be done or not. Ended sessions stay
// ended; a store remembers them for at least ten minutes and may then forget
// them.
//
// All methods return an error that is [ErrUnavailable] when the store cannot
// answer, or the context's error. Other errors stand with each method.
type Store interface {
	// Peek returns what the store knows of a key. The zero Record stands for a
	// key that was never used or is forgotten.
	Peek(ctx context.Context, k record.Key) (record.Record, error)
	// Refresh is Peek that also starts a live session's idle time again. The
	// deadline has moved for every later call when Refresh returns; it need not
	// be durable yet.
	Refresh(ctx context.Context, k record.Key) (record.Record, error)

	// Create stores a new session and returns it as it is then. absolute is
	// its absolute timeout; 0: none. Errors: ErrEnded when the key was used
	// before, ErrFull.
	Create(ctx context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error)
	// Replace gives a live session other content, starts its idle time again
	// and returns it as it is then. version is that of the Record which the
	// change is made from; 0 stands for any. Errors: ErrEnded when the session is not live,
	// ErrConflict when it has another version, ErrFull.
	Replace(ctx context.Context, k record.Key, version uint64, c record.Content) (record.Record, error)
	// Rotate is Replace that also moves the session to a new key, in one step.
	// The old key has ended with Replaced; age and absolute timeout are kept.
	// Errors: those of Replace, and ErrEnded when to was used before.
	Rotate(ctx context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error)
	// End ends a session. It returns false and no error when there was no live
	// one.
	End(ctx context.Context, k record.Key, why record.Reason) (bool, error)

	// OfSubject returns the live sessions of a subject, in no order. No
	// session has the subject "".
	OfSubject(ctx context.Context, subject string) ([]record.Row, error)
	// EndSubject ends the live sessions of a subject that were created before
	// the call, except those of the keys in except, and returns how many. A
	// session that is rotated meanwhile ends under its new key. After an error
	// some may have ended.
	EndSubject(ctx context.Context, subject string, why record.Reason, except ...record.Key) (int, error)
	// Wait returns when the session of a key has ended, with what the store
	// knows of it then, and at once when it is not live.
	Wait(ctx context.Context, k record.Key) (record.Record, error)
}

// A Memoizer is a Store that can keep what was decoded from a session's value
// beside it, in memory, so that a visit decodes nothing.
type Memoizer interface {
	// Memoize keeps memo as Record.Memo until the session changes. It does
	// nothing when the session has another version or is not live. It is safe
	// for concurrent use.
	Memoize(k record.Key, version uint64, memo any)
}

// Errors of stores and policies. Test with errors.Is.
var (
	// ErrEnded is returned when a session that was to be changed is not live,
	// or ended while the change was under way.
	ErrEnded = record.ErrEnded
	// ErrFull is returned when a limit of the store (sessions, bytes, queue) is
	// reached. Nothing was done.
	ErrFull = record.ErrFull
	// ErrUnavailable is returned when the store cannot answer. A change was
	// not done, except as the store documents.
	ErrUnavailable = record.ErrUnavailable
	// ErrConflict is returned by a Store when another change of the session
	// came first. A Policy makes the change again; it returns ErrConflict after
	// 100 attempts, when the change itself changes its session.
	ErrConflict = record.ErrConflict
	// ErrNotDurable is returned when sessions have ended, and the store could not
	// make that durable yet: a crash may undo it. Answer 202 and remove the
	// cookie.
	ErrNotDurable = record.ErrNotDurable
	// ErrTimeout is returned when a timeout that was asked for is below 1 s or
	// above the absolute timeout.
	ErrTimeout = errors.New("session timeout is out of range")
	// ErrSubject is returned when a session's subject is not a string, or longer
	// than MaxSubject.
	ErrSubject = errors.New("bad session subject")
)

// MaxSubject is the longest subject, in bytes.
const MaxSubject = record.MaxSubject
