package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pagesession/storage/record"
)

// A Store keeps sessions: in memory, in a file, or behind a network.
//
// Every method is safe for concurrent use, may wait, and may fail. When a change
// (Create, Replace, Rotate, End, EndSubject) returns nil, it is visible to every
// later call, and durable as far as the store promises durability. A change that
// returns an error has not happened and will not happen later, unless the error is
// the context's: then it may have happened. Ended sessions stay ended. A store
// remembers them for at least ten minutes and may then forget them.
//
// Every method returns [ErrUnavailable] when the store cannot answer, and the
// context's error when the context is done. Other errors are listed at each method.
type Store interface {
	// Peek returns what the store knows of a key. The zero Record stands for a key
	// that was never used or is forgotten.
	Peek(ctx context.Context, k record.Key) (record.Record, error)
	// Refresh is Peek that also extends a live session: it starts the idle timeout
	// again. When it returns, the new deadline is visible to every later call. It
	// need not be durable yet.
	Refresh(ctx context.Context, k record.Key) (record.Record, error)

	// Create stores a new session and returns it as it is then. absolute is its
	// absolute timeout; 0: none. Errors: ErrEnded when the key was used before,
	// ErrFull.
	Create(ctx context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error)
	// Replace gives a live session other content, extends it, and returns it as it
	// is then. version is the Version of the Record that the change is made from; 0
	// stands for any. Errors: ErrEnded when the session is not live, ErrConflict
	// when it has another version, ErrFull.
	Replace(ctx context.Context, k record.Key, version uint64, c record.Content) (record.Record, error)
	// Rotate is Replace that also moves the session to a new key, in one step. The
	// old key then has ended with the reason Replaced. Age and absolute timeout
	// stay. Errors: those of Replace, and ErrEnded when to was used before.
	// ErrNotDurable comes with the Record: the session has moved, but a crash may bring
	// the old key back.
	Rotate(ctx context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error)
	// End ends a session. It returns false and no error when there is no live
	// session. ErrNotDurable means that it has ended for every later call, by this
	// call (true) or an earlier one (false), but a crash may undo that.
	End(ctx context.Context, k record.Key, why record.Reason) (bool, error)

	// OfSubject returns the live sessions of a subject, in no order. The subject ""
	// has no sessions.
	OfSubject(ctx context.Context, subject string) ([]record.Row, error)
	// EndSubject ends the live sessions of a subject that were created before the
	// call, except those whose keys are in except, and returns how many. A session
	// that is rotated meanwhile ends under its new key. With ErrNotDurable all have
	// ended, as with End. After another error, some may have ended.
	EndSubject(ctx context.Context, subject string, why record.Reason, except ...record.Key) (int, error)
	// Wait returns when the session of a key has ended, with what the store knows of
	// it then. If the session is not live it returns at once. It extends nothing.
	Wait(ctx context.Context, k record.Key) (record.Record, error)
}

// A Memoizer is a Store that can keep the decoded values beside a session, in
// memory, so that a visit decodes nothing. The policy reads strings where they are
// stored, and has only sessions with other values memoized.
type Memoizer interface {
	// Memoize keeps memo as Record.Memo until the session changes. If the session
	// has another version or is not live, it does nothing. It is safe for concurrent
	// use.
	Memoize(k record.Key, version uint64, memo any)
}

// A Watcher is a Store that tells of ends without a goroutine for each key, so that
// thousands of streams can wait.
type Watcher interface {
	// Watch calls wake after each change that may have ended the session of a key, until
	// stop is called; after stop has returned it is not called any more. It does not tell
	// when a timeout ends the session: Record.Remaining says when to look. wake is called
	// while others wait, so it has to return at once and must not call the store. stop may
	// be called more than once. Both are safe for concurrent use.
	Watch(k record.Key, wake func()) (stop func())
}

// A Limiter is a Store that says how long a change may take. A change that conflicts is
// made again, so the policy gives the changes of a Limiter a context with a deadline:
// all attempts together take at most this long. A call that has to wait returns
// ErrUnavailable or the context's error then, and the change is not made.
type Limiter interface {
	// ChangeTimeout returns how long a change may take; 0: as long as the store needs.
	ChangeTimeout() time.Duration
}

// Errors of stores and policies. Test with errors.Is.
var (
	// ErrEnded is returned when a session that was to be changed is not live, or
	// ended while the change was under way.
	ErrEnded = record.ErrEnded
	// ErrAmbiguous is returned by Update, Rotate and End when the request brought the
	// cookies of several live sessions, so that none counts. It is an ErrEnded.
	ErrAmbiguous = fmt.Errorf("session: several live sessions came: %w", ErrEnded)
	// ErrFull is returned when a limit of the store (sessions, bytes, queue) is
	// reached. Nothing changed. Answer 503.
	ErrFull = record.ErrFull
	// ErrUnavailable is returned when the store cannot answer. Nothing changed, with
	// the exceptions that the store documents. Answer 503.
	ErrUnavailable = record.ErrUnavailable
	// ErrConflict is returned by a Store when another change of the session came
	// first. A Policy makes the change again. It returns ErrConflict after 100
	// attempts, which means that the change itself changes its session through the
	// policy.
	ErrConflict = record.ErrConflict
	// ErrNotDurable is returned when sessions have ended, but the store could not
	// make that durable yet: after a crash they may be live again. Answer 202 and
	// remove the cookie. After a rotation it is about the old id: send the new cookie.
	ErrNotDurable = record.ErrNotDurable
	// ErrTimeout is returned when a timeout is out of its range: an idle timeout
	// must be at least 1 s and at most the absolute timeout.
	ErrTimeout = errors.New("session: timeout is out of range")
	// ErrSubject is returned when a session's subject is not a string, or is longer
	// than MaxSubject.
	ErrSubject = errors.New("session: bad subject")
)

// MaxSubject is the maximum length of a subject, in bytes.
const MaxSubject = record.MaxSubject
