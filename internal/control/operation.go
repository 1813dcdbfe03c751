package control

import (
	"pagesession/internal/account"
)

// An Operation is something that commands ask for, and operators in the
// console: see sessions.go, users.go and import.go. Q is its request, R its
// result. It is safe for concurrent use. It is done as a whole or not at all unless
// it says otherwise, durable when it returns no error, and in the audit log.
type Operation[Q, R any] struct {
	path       string             // on the socket; servers and commands of other versions know it
	need       Need               // what has to be open
	permission account.Permission // what it takes in the console
	do         func(on Stores, by account.Actor, q Q) (R, error)

	check func(Q) error           // what can be said against a request before anything is opened; nil is nothing
	audit func(R) []account.Event // the audit entries; nil where the accounts write them with the change
}

// Need says what an operation works on.
type Need struct {
	Accounts bool
	Sessions bool
	Create   bool // the data folder, if it is not there
}

// Stores are what operations work on. Those that an operation does not need may
// be nil; its Need says which it needs.
type Stores struct {
	Accounts *account.Store
	Visitors Lister
}

// Do does the operation on open stores. An actor of the console needs its
// permission, else the error is account.ErrForbidden. A NotAuditedError comes with
// the result. The other errors are the operation's.
func (o Operation[Q, R]) Do(on Stores, by account.Actor, q Q) (result R, err error) {
	if by.Via == account.ViaConsole {
		if err := on.Accounts.May(by, o.permission); err != nil {
			return result, err
		}
	}
	result, err = o.do(on, by, q)
	if err != nil || o.audit == nil {
		return result, err
	}
	if entries := o.audit(result); len(entries) > 0 {
		if err := on.Accounts.Audit(by, entries...); err != nil {
			return result, &NotAuditedError{entries, err}
		}
	}
	return result, nil
}

// All is the request of an operation that is about everything.
type All struct{}

// A Count is how many an operation was about.
type Count struct {
	Count int `json:"count"`
}
