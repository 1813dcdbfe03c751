package account

import (
	"errors"
	"fmt"
	"time"
)

// Errors of Open. Test with errors.Is. The message names the file.
var (
	// ErrInUse is returned when another process has the file open.
	ErrInUse = errors.New("used by another process, probably a running pagesession")
	// ErrNewerFormat is returned when a newer version of the program wrote the file.
	ErrNewerFormat = errors.New("is from a newer version")
	// ErrDamaged is returned when the file is damaged, or is not an accounts file.
	ErrDamaged = errors.New("cannot be read")
)

// Errors of sign-ins.
var (
	// ErrSecondFactor is returned after a right password of a user who has a second factor;
	// the error is a *SecondFactorError.
	ErrSecondFactor = errors.New("the password is right, and a second factor is needed")
	// ErrTicket is returned when the password was entered too long ago, or the user has
	// changed since.
	ErrTicket = errors.New("this sign-in has expired; start again with your password")
	// ErrCode is returned for a wrong code. The text is the same for a code that was used
	// before, and for one that cannot be checked.
	ErrCode = errors.New("the code is wrong, or was used before; enter the newest one, or a recovery code")
	// ErrPasskey is returned for a passkey that signs no user in, or cannot be added. The cause
	// behind it is for the log.
	ErrPasskey = errors.New("the passkey was not accepted; try again, or use another way")
	// ErrSignIn is returned for an unknown user, a wrong password, and a user who is
	// disabled or not staff. The text is the same for all of them.
	ErrSignIn = errors.New("sign-in failed: enter the username and password of an active staff account")
	// ErrThrottled is returned after too many failures; the error is a *ThrottledError.
	ErrThrottled = errors.New("too many failed sign-ins")
	// ErrBusy is returned when too many passwords are being checked; try again after
	// BusyRetryAfter.
	ErrBusy = errors.New("too many passwords are being checked; try again")
)

// BusyRetryAfter is the Retry-After for ErrBusy.
const BusyRetryAfter = 2 * time.Second

// ReservedFor is how long a try is kept for a network.
const ReservedFor = reservationLasts

// A ThrottledError is ErrThrottled with the time until the next try. It is the same for
// unknown usernames, so it hides which accounts exist.
type ThrottledError struct {
	RetryAfter time.Duration // more than 0
	Reserved   bool          // then a try is kept for the client's network, for ReservedFor
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("%v; try again in %v", ErrThrottled, e.RetryAfter.Round(time.Second))
}

// Is reports whether target is ErrThrottled.
func (e *ThrottledError) Is(target error) bool { return target == ErrThrottled }

// Errors of changes of second factors.
var (
	// ErrUnconfirmed is returned when actors of the console change their second factors and
	// have not entered their current password.
	ErrUnconfirmed = errors.New("enter your current password: a change of your second factors needs it")
	// ErrSetup is returned for the setup of an authenticator app or a passkey that is too old, not
	// of this user as they are now, or was used before.
	ErrSetup = errors.New("this setup of a second factor has expired, or is finished; start it again")
	// ErrNoFactor is returned when the user has no second factor.
	ErrNoFactor = errors.New("this user has no second factor")
	// ErrManyPasskeys is returned when the user has as many passkeys as there may be.
	ErrManyPasskeys = fmt.Errorf("you have %d passkeys; remove one before you add another", mostPasskeys)
	// ErrRequired is returned when operators remove the last second factor and must have one.
	ErrRequired = errors.New("you must have a second factor; add another one before you remove this one")
	// ErrNoSecretKey is returned when an authenticator app is set up without secret.key.
	ErrNoSecretKey = errors.New("there is no secret.key in the data folder, which seals the secrets of authenticator apps; start the server once, which makes it")
)

// Errors of changes. After an error nothing has changed, except that after ErrUnavailable
// the change may have been made, if the database failed during its commit. Invalid fields give ValidationErrors.
var (
	// ErrNotFound is returned when no user or group has this id or name.
	ErrNotFound = errors.New("not found")
	// ErrForbidden is returned when the actor lacks the permission.
	ErrForbidden = errors.New("you lack the permission to do this; ask a superuser")
	// ErrSelf is returned when operators delete, disable or demote themselves in the
	// console.
	ErrSelf = errors.New("you cannot delete, disable or demote yourself")
	// ErrLastSuperuser is returned when the change would leave no superuser who can
	// sign in.
	ErrLastSuperuser = errors.New("this is the last active superuser; make another user a superuser first")
	// ErrNotFirst is returned when there are users, or were some.
	ErrNotFirst = errors.New("the database is not new; create a superuser with pagesession createsuperuser")
	// ErrWrongPassword is returned when the current password is wrong.
	ErrWrongPassword = errors.New("your current password is wrong; enter it again")
	// ErrChanged is returned when the object has changed since it was read.
	ErrChanged = errors.New("someone else has changed this in the meantime; reload it and try again")
	// ErrFull is returned at MaxUsers, at maxGroups, and when the disk is full.
	ErrFull = errors.New("the accounts database or its disk is full; make room and try again")
	// ErrUnavailable is returned while the database cannot be used. The error has the cause.
	ErrUnavailable = errors.New("the accounts are unavailable")
	// ErrClosed is returned when the store is closed.
	ErrClosed = errors.New("the accounts are closed")
	// ErrActor is returned when the actor has no id or no Via, which is a bug of the
	// caller.
	ErrActor = errors.New("the actor is incomplete")
)

// Errors of ImportDjango.
var (
	// ErrNotSQLite is returned for a file that is not a SQLite 3 database, or is damaged.
	// The message begins with the file's name.
	ErrNotSQLite = errors.New("cannot be read as a SQLite database")
	// ErrUnfinished is returned while the file has unfinished changes. The message says
	// what to do.
	ErrUnfinished = errors.New("the SQLite database is being written")
	// ErrNotDjango is returned when the database lacks the tables of django.contrib.auth.
	ErrNotDjango = errors.New("not the database of a Django project")
)
