package storage

import (
	"errors"

	"pagesession/storage/internal/file"
	"pagesession/storage/record"
)

// Errors of Open. Test with errors.Is.
var (
	// ErrInUse is returned when another process holds the file; the message names it.
	ErrInUse = file.ErrInUse
	// ErrForeign is returned when the file holds buckets of another program, which
	// a rebuild would lose. Give the sessions a file of their own.
	ErrForeign = file.ErrForeign
	// ErrNewerFormat is returned when a newer version of this package wrote the file.
	ErrNewerFormat = file.ErrNewerFormat
	// ErrConfig is returned when a field of Config is out of its range.
	ErrConfig = errors.New("bad storage configuration")
)

// Errors of changes. None of them leaves anything done, now or later, with two
// exceptions. After ErrUnavailable from a file that failed (Stats.Fenced) it is
// unknown, until the next Open, what of the last batch the disk holds. A change
// that lost to an end can stay in the file while the disk is full. It gets
// ErrFull, and becomes visible only if the process crashes before the next flush
// that succeeds. Test with errors.Is.
var (
	// ErrEnded is returned when the key was ended or expired, before or during the
	// call.
	ErrEnded = record.ErrEnded
	// ErrExists is returned when Create or Rotate was given a key that is live.
	ErrExists error = &refinement{"session exists already", record.ErrEnded}
	// ErrFull is returned at MaxSessions, MaxBytes and MaxFileBytes, and when the
	// queue or the disk is full.
	ErrFull = record.ErrFull
	// ErrTooLarge is returned when the value is longer than MaxValueBytes, or the
	// subject is longer than record.MaxSubject.
	ErrTooLarge error = &refinement{"session value is too large", ErrFull}
	// ErrLifetime is returned for a negative timeout.
	ErrLifetime = errors.New("session lifetime is negative")
	// ErrUnavailable is returned when the change could not be written.
	ErrUnavailable = record.ErrUnavailable
	// ErrClosed is returned when the storage is closed.
	ErrClosed error = &refinement{"session store is closed", ErrUnavailable}
)

// A refinement is an error that is also a more general one.
type refinement struct {
	text    string
	general error
}

func (r *refinement) Error() string { return r.text }
func (r *refinement) Unwrap() error { return r.general }
