package control

import (
	"errors"
	"log/slog"

	"pagesession/internal/account"
)

// Errors of operations and of the way to them. Test with errors.Is.
var (
	// ErrNoSession is returned when no session of this name is known.
	ErrNoSession = errors.New("there is none")
	// ErrEnded is returned when the session of this name has ended and is still
	// remembered.
	ErrEnded = errors.New("it has ended already")
	// ErrAmbiguous is returned when a name fits several sessions.
	ErrAmbiguous = errors.New("give more of its digits")
	// ErrNotAudited is returned when the operation is done and the audit log could not
	// be written. It comes with the result; from Do it is a NotAuditedError.
	ErrNotAudited = errors.New("it is done, but the audit log does not say so")
	// ErrRequest is returned when the server cannot read a request, which is a mistake
	// in the program.
	ErrRequest = errors.New("bad request")
	// ErrVersion is returned when a server of another version does not know the
	// operation.
	ErrVersion = errors.New("the running server is of another version; restart it")
	// ErrInterrupted is returned when the server went away while it worked on the
	// request.
	ErrInterrupted = errors.New("the server went away before it answered; see whether it was done")
	// ErrInUse is returned when another process has the files open; Run tries again.
	ErrInUse = errors.New("in use")
)

// errNoServer is returned when no server listens on the socket.
var errNoServer = errors.New("no server answers")

// A NotAuditedError is ErrNotAudited with what the audit log lacks, and why.
type NotAuditedError struct {
	Entries []account.Event
	Err     error
}

func (e *NotAuditedError) Error() string   { return ErrNotAudited.Error() + ": " + e.Err.Error() }
func (e *NotAuditedError) Unwrap() []error { return []error{ErrNotAudited, e.Err} }

// Log writes a line for each of the entries. The attributes of log say who did it.
func (e *NotAuditedError) Log(log *slog.Logger) {
	for _, entry := range e.Entries {
		log.Error("this was done, and is not in the audit log", slog.String("action", string(entry.Action)),
			slog.String("object", entry.Object), slog.Int("count", entry.Count), slog.Any("error", e.Err))
	}
}
