package control

import (
	"context"

	"pagesession/storage/record"
)

// A Lister lists and ends the sessions of a store for operators. Its methods are safe
// for concurrent use. Operations pass contexts that have no end: what an operator has
// begun is finished and audited, also when the browser or the command is gone.
type Lister interface {
	// List returns a page of sessions.
	List(record.Query) record.Page
	// Find returns the current session of a handle. Its State is None if there is none,
	// or if it ended so long ago that the store has forgotten it.
	Find(record.Handle) record.Row
	// End ends a session. It returns false without an error if there is no live one.
	// Errors: session.ErrFull, session.ErrUnavailable.
	End(ctx context.Context, k record.Key, why record.Reason) (bool, error)
	// EndMany ends sessions and returns how many of them were live. After an error the
	// other sessions live on. Errors as End.
	EndMany(ctx context.Context, keys []record.Key, why record.Reason) (ended int, err error)
	// EndAll ends all sessions and returns how many were live. Errors as End.
	EndAll(ctx context.Context, why record.Reason) (ended int, err error)
	// Sweep removes expired sessions from memory and returns their number. They leave
	// the file after that.
	Sweep() int
	// Sync returns when the file has what was done before. Errors as End.
	Sync(ctx context.Context) error
}
