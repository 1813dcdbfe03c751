package control

import (
	"os"
	"os/user"
	"strconv"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/session"
)

// Stores are what operations work on. Who opened them knows which of them an
// operation needs; the others may be nil.
type Stores struct {
	Accounts *account.Store
	Visitors session.Lister
}

// Local does operations on open stores.
type Local struct {
	Stores
	Actor string           // the name of the system's user
	Now   func() time.Time // nil is time.Now
}

var _ Operations = Local{}

func (l Local) now() time.Time {
	if l.Now == nil {
		return time.Now()
	}
	return l.Now()
}

// actor is who did it, for the audit log.
func (l Local) actor() account.Actor {
	return account.Actor{Name: l.Actor, Via: account.ViaCommandLine}
}

// SystemUser is the name of the user that runs this process.
func SystemUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
