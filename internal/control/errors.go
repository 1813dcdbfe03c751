package control

import (
	"errors"
	"log/slog"

	"pagesession/internal/account"
)

// Errors of operations and of the way to them. Test with errors.Is.
var (
	// ErrNoSession is returned when there is no session of this name.
	ErrNoSession = errors.New("not found")
	// ErrEnded is returned when the session of this name has ended and is still in the
	// list of ended sessions.
	ErrEnded = errors.New("has already ended")
	// ErrAmbiguous is returned when several sessions begin with this name.
	ErrAmbiguous = errors.New("give more digits")
	// ErrQuery is returned when the store cannot list sessions in the way that was asked for.
	ErrQuery = errors.New("is not offered")
	// ErrNotAudited is returned when the operation is done and the audit log could not
	// be written. It comes with the result; from Do it is a NotAuditedError.
	ErrNotAudited = errors.New("the operation is done, but the audit log could not be written")
	// ErrRequest is returned when the server cannot read a request: a bug in the program.
	ErrRequest = errors.New("bad request")
	// ErrVersion is returned when the server does not know the operation, because it
	// has another version than the command.
	ErrVersion = errors.New("the running server has another version than this command; restart it")
	// ErrInterrupted is returned when the server stopped while it worked on the request.
	ErrInterrupted = errors.New("the server stopped before it answered; check whether the operation was done")
	// ErrNotRunning is returned by ShowStatus when no server answers.
	ErrNotRunning = errors.New("no server answers on this data folder: it is stopped, or it has not started yet")
	// ErrInUse is returned when another process has the files open. Run tries again.
	ErrInUse = errors.New("in use")
)

// errNoServer is returned when no server listens on the socket.
var errNoServer = errors.New("no server answers")

// A NotAuditedError is ErrNotAudited with the missing entries and the reason.
type NotAuditedError struct {
	Entries []account.Event
	Err     error
}

func (e *NotAuditedError) Error() string   { return ErrNotAudited.Error() + ": " + e.Err.Error() }
func (e *NotAuditedError) Unwrap() []error { return []error{ErrNotAudited, e.Err} }

// Log writes a line for each missing entry. The attributes of log say who did it.
func (e *NotAuditedError) Log(log *slog.Logger) {
	for _, entry := range e.Entries {
		log.Error("audit entry could not be written", slog.String("action", string(entry.Action)),
			slog.String("object", entry.Object), slog.Int("count", entry.Count), slog.Any("error", e.Err))
	}
}
