package record

import (
	"errors"
	"time"
)

// MaxSubject is the maximum length of a subject, in bytes.
const MaxSubject = 255

// Content is what a change gives a session.
type Content struct {
	Value   []byte        // the store copies it
	Subject string        // whose session it is, such as a user's id; at most MaxSubject bytes; "": no subject
	Idle    time.Duration // idle timeout; 0: none
}

// Errors that every store can return. Test with errors.Is.
var (
	// ErrEnded is returned when a session that has to be live is not, or a key that
	// has to be new was used before.
	ErrEnded = errors.New("storage: session has ended")
	// ErrFull is returned when a limit is reached: sessions, bytes, the queue or the
	// disk. Nothing changed.
	ErrFull = errors.New("storage: no room")
	// ErrUnavailable is returned when the store cannot answer. Nothing changed, with
	// the exceptions that the store documents.
	ErrUnavailable = errors.New("storage: unavailable")
	// ErrConflict is returned when the session has another version than the one that
	// the change was made from. Nothing changed.
	ErrConflict = errors.New("storage: session was changed meanwhile")
	// ErrNotDurable is returned when sessions have ended, but the disk does not have
	// that yet. They are refused from now on. If the process dies before the disk has
	// it, they may be live again.
	ErrNotDurable = errors.New("storage: ended, but not on disk yet")
)
