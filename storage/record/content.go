package record

import (
	"errors"
	"time"
)

// MaxSubject is the longest subject, in bytes.
const MaxSubject = 255

// Content is what a change gives a session.
type Content struct {
	Value   []byte        // copied by the store
	Subject string        // whose session it is, such as a user's id, at most MaxSubject bytes; "": no subject
	Idle    time.Duration // idle timeout; 0: none
}

// Errors that every store has. Test with errors.Is.
var (
	// ErrEnded is returned when a session is not live, or a key that has to be
	// new was used before.
	ErrEnded = errors.New("session has ended")
	// ErrFull is returned when a limit is reached: sessions, bytes, the queue
	// or the disk. Nothing was done.
	ErrFull = errors.New("session store is full")
	// ErrUnavailable is returned when the store cannot answer. A change was
	// not done, except as the store documents.
	ErrUnavailable = errors.New("session store is unavailable")
	// ErrConflict is returned when a session has another version than the one
	// that a change was made from. Nothing was done.
	ErrConflict = errors.New("session was changed meanwhile")
	// ErrNotDurable is returned when sessions have ended, and the disk could not
	// be told yet. They are refused from now on; if the process dies before the
	// disk has it, the end may be undone.
	ErrNotDurable = errors.New("ended, not on disk yet")
)
