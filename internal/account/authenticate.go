package account

// Credentials are what somebody typed into the login form.
type Credentials struct {
	Username string
	Password string
	Address  string // where he comes from, without port
}

// Authenticate returns the user who may log in to the console with these
// credentials: active, staff, and this is his password. His last login is now,
// and the audit log says so. Errors:
//
//   - ErrLogin, after the same time whatever is wrong;
//   - a *ThrottledError (ErrThrottled) after 10 failures within 5 minutes for
//     this username, known or not, or from this address (of IPv6 its /64):
//     nothing was checked, and a right password would not have helped;
//   - ErrBusy when too many wait for their check already;
//   - ErrFull, ErrUnavailable, ErrClosed.
//
// A success forgets the failures of the username, but not the address's, so
// that nobody gets more tries at others' passwords by logging in himself.
// It takes some 25 ms of one processor, and never more than one at a time.
func (s *Store) Authenticate(c Credentials) (User, error) { return User{}, errNotBuilt }
