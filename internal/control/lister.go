package control

import (
	"pagesession/storage/record"
)

// A Lister shows operators all sessions of a store, and ends those they want to
// end. Its methods are safe for concurrent use.
type Lister interface {
	// List returns a page of sessions.
	List(record.Query) record.Page
	// Find returns the session of a handle as it is now; its State is None
	// when there is none, or when it is forgotten.
	Find(record.Handle) record.Row
	// End ends a session. It returns false and no error when there was no
	// live one. Errors: ErrFull, ErrUnavailable.
	End(k record.Key, why record.Reason) (bool, error)
	// EndMany ends sessions and returns how many were live. On an error
	// those that could not be ended live on. Errors as End.
	EndMany(keys []record.Key, why record.Reason) (ended int, err error)
	// EndAll ends every session and returns how many were live. Errors as
	// End.
	EndAll(why record.Reason) (ended int, err error)
	// Sweep frees the memory and the file of what has expired, and returns
	// how many sessions that were. It ends nothing: those had ended.
	Sweep() int
}
