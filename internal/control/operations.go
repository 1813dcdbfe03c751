package control

import (
	"context"

	"pagesession/internal/account"
)

// Operations is what commands do. Each is done as a whole or not at all, and
// is durable when it is answered without an error. Changes of users, and
// sessions that are ended, are in the audit log, under the name of the system's
// user.
type Operations interface {
	// CreateSuperuser adds an active superuser on the staff. Errors:
	// account.ValidationErrors and those of account.Store.CreateUser.
	CreateSuperuser(context.Context, NewSuperuser) (User, error)
	// SetPassword gives a user another password: he is logged out
	// everywhere. Errors: account.ErrNotFound, account.ValidationErrors.
	SetPassword(context.Context, NewPassword) (User, error)
	// User returns one user. Errors: account.ErrNotFound.
	User(context.Context, Username) (User, error)
	// Users lists users by username.
	Users(context.Context, UserQuery) (UserList, error)
	// SetActive enables or disables a user. One who is disabled is logged
	// out everywhere. Errors: account.ErrNotFound, account.ErrLastSuperuser.
	SetActive(context.Context, Activation) (User, error)
	// ImportDjango adds users and groups. Errors: account.ErrNotSQLite,
	// account.ErrUnfinished, account.ErrNotDjango.
	ImportDjango(context.Context, DjangoFile) (account.DjangoReport, error)

	// Sessions lists visitors' sessions.
	Sessions(context.Context, SessionQuery) (SessionList, error)
	// Session returns one session, live or ended a short while ago. Errors:
	// ErrNoSession, ErrOver, ErrAmbiguous.
	Session(context.Context, SessionName) (Session, error)
	// EndSession ends a live session for good and returns it as it was.
	// Errors as Session, session.ErrFull, session.ErrUnavailable.
	EndSession(context.Context, SessionName) (Session, error)
	// EndAllSessions ends every session. Errors as EndSession's.
	EndAllSessions(context.Context, All) (Count, error)
	// ClearSessions frees the space of expired sessions.
	ClearSessions(context.Context, All) (Count, error)
}

// All is the request of an operation that is about everything.
type All struct{}

// A Count is how many an operation was about.
type Count struct {
	Count int `json:"count"`
}
