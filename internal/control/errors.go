package control

import "errors"

// Errors of operations and of the way to them. Test with errors.Is.
var (
	// ErrNoSession: no session of this name is known, or none is where only
	// live ones count.
	ErrNoSession = errors.New("there is none")
	// ErrEnded: the session of this name has ended, and is still remembered.
	ErrEnded = errors.New("it has ended already")
	// ErrAmbiguous: a name fits several sessions.
	ErrAmbiguous = errors.New("give more of its digits")
	// ErrNotAudited: the operation is done, and the audit log could not be
	// written. It comes with the result.
	ErrNotAudited = errors.New("it is done, but the audit log does not say so")
	// ErrRequest: a request makes no sense; a mistake of the program's.
	ErrRequest = errors.New("bad request")
	// ErrVersion: the server is of another version and does not know the
	// operation.
	ErrVersion = errors.New("the running server is of another version; restart it")
	// ErrInterrupted: the server went away while it worked on the request.
	ErrInterrupted = errors.New("the server went away before it answered; see whether it was done")
	// ErrInUse: another process has the files open. A Client's Files return
	// it, and it tries again.
	ErrInUse = errors.New("in use")
)

// errNoServer: no server listens on the socket, so nothing was asked of any.
var errNoServer = errors.New("no server answers")
