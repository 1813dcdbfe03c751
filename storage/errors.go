package storage

import (
	"errors"

	"pagesession/storage/internal/file"
	"pagesession/storage/record"
)

// Errors of Open. Test with errors.Is.
var (
	// ErrInUse is returned when another process holds the file; the message names it
	// if its number is known. Stop it or choose another Database.
	ErrInUse = file.ErrInUse
	// ErrForeign is returned when the file holds buckets of another program, and
	// nothing of this package: rewriting the file would lose them. Give the sessions a
	// file of their own.
	ErrForeign = file.ErrForeign
	// ErrNewerFormat is returned when a newer version of this package wrote the
	// file. Use that version or a newer one.
	ErrNewerFormat = file.ErrNewerFormat
	// ErrMemory is returned when the sessions of the file need more memory than
	// Config.MemoryLimit. It names what would do.
	ErrMemory = file.ErrMemory
	// ErrConfig is returned when a field of Config is out of its range.
	ErrConfig = errors.New("storage: bad configuration")
)

// Errors of changes. Test with errors.Is. A change that returns one of them is not
// made, now or later. ErrNotDurable is different: those sessions have ended. There
// are two more exceptions, both only if the process dies before Stats.File is FileOK
// again:
//
//   - ErrUnavailable, with FileDetached: the next Open may find changes of the batch
//     with which the file failed.
//   - ErrFull, for a change whose session ended meanwhile, while the disk is full:
//     the next Open may find the change.
var (
	// ErrEnded is returned when the session of the key has ended or expired, before
	// or during the call, or was never there.
	ErrEnded = record.ErrEnded
	// ErrExists is returned when Create or Rotate was given a key that is live. It
	// is also an ErrEnded: the key is used.
	ErrExists error = &refinement{"storage: key is in use by a live session", record.ErrEnded}
	// ErrFull is returned at MaxSessions, MaxBytes and MaxFileBytes, and when the
	// queue or the disk is full. The message says which.
	ErrFull = record.ErrFull
	// ErrTooLarge is returned when the value is longer than MaxValueBytes, or the
	// subject is longer than record.MaxSubject. It is also an ErrFull.
	ErrTooLarge error = &refinement{"storage: session is too large", ErrFull}
	// ErrLifetime is returned when a timeout is negative.
	ErrLifetime = errors.New("storage: negative session lifetime")
	// ErrUnavailable is returned when the change could not be written, or not within
	// QueueTimeout.
	ErrUnavailable = record.ErrUnavailable
	// ErrReadOnly is returned for every change when Config.ReadOnly is set. It is
	// also an ErrUnavailable.
	ErrReadOnly error = &refinement{"storage: session file is open read-only", ErrUnavailable}
	// ErrNotDurable is returned when sessions have ended for all callers, but the
	// file does not have that yet. The storage writes it as soon as the file can be
	// written. If the process dies before, they may be live again.
	ErrNotDurable = record.ErrNotDurable
	// ErrClosed is returned when the storage is closed. It is also an
	// ErrUnavailable.
	ErrClosed error = &refinement{"storage: closed", ErrUnavailable}
)

// A refinement is an error that errors.Is also takes for a more general one.
type refinement struct {
	text    string
	general error
}

func (r *refinement) Error() string { return r.text }
func (r *refinement) Unwrap() error { return r.general }
