package account

import (
	"errors"
	"fmt"
	"time"
)

// Errors of Open. Test with errors.Is; the message says what to do.
var (
	// ErrInUse: another process, most likely the server, has the file.
	ErrInUse = errors.New("accounts file is in use")
	// ErrNewerFormat: a newer version of this program wrote the file.
	ErrNewerFormat = errors.New("accounts file has a newer format")
	// ErrDamaged: the file is not one of ours, or cannot be read.
	ErrDamaged = errors.New("accounts file cannot be read")
)

// Errors of sign-ins.
var (
	// ErrSignIn: no such user, a wrong password, or a user who is not active or
	// not staff. It is the same for all of them.
	ErrSignIn = errors.New("please enter the correct username and password for a staff account. " +
		"Note that both fields may be case-sensitive")
	// ErrThrottled: too many failures; the error is a *ThrottledError.
	ErrThrottled = errors.New("too many failed logins")
	// ErrBusy: too many passwords are being checked; try again after BusyRetryAfter.
	ErrBusy = errors.New("too many passwords are being checked; please try again")
)

// BusyRetryAfter is the Retry-After for ErrBusy.
const BusyRetryAfter = 2 * time.Second

// A ThrottledError says when the next try is looked at. It is ErrThrottled for
// errors.Is, and says nothing that would tell whether the account exists.
type ThrottledError struct {
	RetryAfter time.Duration // more than 0
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("%v; try again in %v", ErrThrottled, e.RetryAfter.Round(time.Second))
}

// Is makes it ErrThrottled.
func (e *ThrottledError) Is(target error) bool { return target == ErrThrottled }

// Errors of changes, which leave nothing done; after ErrUnavailable only the next
// Open knows. Mistakes in a form's fields are ValidationErrors.
var (
	// ErrNotFound: no user or group has this id or name.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the actor's permissions do not allow it.
	ErrForbidden = errors.New("you do not have the permission to do this")
	// ErrSelf: in the console, operators cannot do this to their own account.
	ErrSelf = errors.New("you cannot delete, disable or demote yourself")
	// ErrLastSuperuser: after it no user who can sign in would be a superuser.
	ErrLastSuperuser = errors.New("this is the last active superuser")
	// ErrNotFirst: there is a superuser already.
	ErrNotFirst = errors.New("there is a superuser already")
	// ErrWrongPassword: the old password is not this.
	ErrWrongPassword = errors.New("your old password was entered incorrectly. Please enter it again")
	// ErrChanged: the object was changed by someone else since it was read.
	ErrChanged = errors.New("somebody else has changed this meanwhile; please look at it again")
	// ErrFull: MaxUsers, maxGroups or the disk is full.
	ErrFull = errors.New("the accounts file is full")
	// ErrUnavailable: the change could not be written.
	ErrUnavailable = errors.New("the accounts file is unavailable")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("the accounts file is closed")
	// ErrActor: the actor says neither who nor where; a mistake of the caller.
	ErrActor = errors.New("the actor is incomplete")
)

// Errors of ImportDjango.
var (
	// ErrNotSQLite: no SQLite 3 database, or a damaged one; the file's name precedes it.
	ErrNotSQLite = errors.New("cannot be read as a SQLite database")
	// ErrUnfinished: a transaction is under way; the message says what to do.
	ErrUnfinished = errors.New("the SQLite database is being written")
	// ErrNotDjango: the database has not the tables of django.contrib.auth.
	ErrNotDjango = errors.New("not the database of a Django project")
)
