package control

import (
	"context"

	"pagesession/internal/account"
	"pagesession/internal/check"
	"pagesession/internal/health"
	"pagesession/internal/servers"
)

// An Operation is what a command, or an operator in the console, asks for. They are in
// sessions.go, users.go and import.go. Q is its request, R its result. It is safe for
// concurrent use. It is all or nothing unless it says otherwise, durable when the error
// is nil, and recorded in the audit log.
type Operation[Q, R any] struct {
	path       string             // on the socket; fixed, since other versions use it, too
	need       Need               // the stores that Run opens
	permission account.Permission // that the console asks for
	superuser  bool               // the console asks for a superuser instead
	do         func(ctx context.Context, on Stores, by account.Actor, q Q) (R, error)

	check func(Q) error           // checks a request before anything is opened; may be nil
	audit func(R) []account.Event // returns the audit entries; nil where the account store writes them with the change
}

// Need says which stores an operation works on.
type Need struct {
	Accounts bool
	Sessions bool
	Create   bool // create a missing data folder

	Move bool // opens no sessions: Stores.Move does

	Facts  bool // opens nothing: Stores.Facts does
	Served bool // a server runs, so Stores.Facts leaves the accounts to it

	SecretKey bool // the accounts need the server's secret key
	Restore   bool // replaces the accounts, so it opens none, and keeps servers out
	Operators bool // the sessions of operators
	Counts    bool // the accounts need the failed sign-ins, where several servers share them
}

// Stores are the open stores that operations work on. A store may be nil if the
// operation's Need leaves it out.
type Stores struct {
	Accounts Accounts
	Visitors Lister
	// Operators are the operators' sessions in the console.
	Operators Lister
	Files     func() []health.File // the state of each file; nil without a server
	Counts    bool                 // Accounts have the failed sign-ins, without a server, too
	// Servers returns the servers that share the visitors' sessions; nil without a server.
	Servers func() []servers.Server
	// Facts collects what checks look at.
	Facts func(context.Context) (check.Facts, error)
	// Move moves sessions, or tells how far a move is; nil if that is not offered.
	Move func(context.Context, MoveTarget) (MoveState, error)
	// Backups makes and restores backups.
	Backups Backups
	// LastEnded remembers what operators ended a short while ago; nil without a server.
	LastEnded *LastEnded
	// Endings have what the last search that ended sessions was for; nil without a server.
	Endings *Endings
}

// Do does the operation on open stores. An actor of the console needs the operation's
// permission, else the error is account.ErrForbidden. A NotAuditedError comes with the
// result. All other errors are the operation's. When ctx is done, reads and changes of
// accounts stop; what has been done to sessions is still audited.
func (o Operation[Q, R]) Do(ctx context.Context, on Stores, by account.Actor, q Q) (result R, err error) {
	if by.Via == account.ViaConsole {
		if err := o.may(ctx, on, by); err != nil {
			return result, err
		}
	}
	result, err = o.do(ctx, on, by, q)
	if err != nil || o.audit == nil {
		return result, err
	}
	if entries := o.audit(result); len(entries) > 0 {
		if err := on.Accounts.Audit(context.WithoutCancel(ctx), by, entries...); err != nil {
			return result, &NotAuditedError{entries, err}
		}
	}
	return result, nil
}

// may returns nil if an actor of the console may do the operation.
func (o Operation[Q, R]) may(ctx context.Context, on Stores, by account.Actor) error {
	if o.superuser {
		return on.Accounts.MaySuper(ctx, by)
	}
	return on.Accounts.May(ctx, by, o.permission)
}

// All is the request of an operation on all sessions.
type All struct{}

// A Count is the number of sessions that an operation worked on.
type Count struct {
	Count     int  `json:"count"`
	NotOnDisk bool `json:"not_on_disk,omitempty"` // they have ended, and a crash may undo it until the disk has it

	// Rest is why the other sessions live on, when a session server failed after it had ended
	// some; "": all have ended.
	Rest string `json:"rest,omitempty"`
}
