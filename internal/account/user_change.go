package account

// CreateUser adds a user with a password. Of u what an operator edits counts:
// Username, Email, FirstName, LastName, Active, Staff, Superuser, Groups,
// Permissions. It needs AddUser. It returns the user as he is now; errors:
// ValidationErrors with everything that is wrong, the password's included;
// ErrForbidden, ErrBusy, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) CreateUser(actor Actor, u User, password string) (User, error) {
	return User{}, errNotBuilt
}

// CreateFirstSuperuser is CreateUser for an active superuser on the staff, if
// there is none (as HasSuperuser says); else ErrNotFirst. Of two at the same
// time one gets it.
func (s *Store) CreateFirstSuperuser(actor Actor, u User, password string) (User, error) {
	return User{}, errNotBuilt
}

// UpdateUser writes what an operator edits (see CreateUser) of the user u.ID.
// If u.Version is not 0 it must be the latest, else ErrChanged. It needs
// ChangeUser. Nothing is written if nothing differs. Errors as CreateUser's,
// and ErrNotFound, ErrSelf, ErrLastSuperuser.
func (s *Store) UpdateUser(actor Actor, u User) (User, error) { return User{}, errNotBuilt }

// SetActive enables or disables a user: UpdateUser of that one flag.
func (s *Store) SetActive(actor Actor, id uint64, active bool) (User, error) {
	return User{}, errNotBuilt
}

// DeleteUsers deletes all of these users, or none: it needs DeleteUser; the
// error names the first who cannot be deleted and is ErrNotFound, ErrForbidden,
// ErrSelf or ErrLastSuperuser, or ErrUnavailable, ErrClosed.
func (s *Store) DeleteUsers(actor Actor, ids ...uint64) error { return errNotBuilt }

// SetPassword gives a user another password: his sessions are over. It needs
// ChangeUser. Errors: ValidationErrors, ErrNotFound, ErrForbidden, ErrBusy,
// ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) SetPassword(actor Actor, id uint64, password string) (User, error) {
	return User{}, errNotBuilt
}

// ChangeOwnPassword is SetPassword for the actor's own, who must know the old
// one; it needs no permission. Failures count as those of logins do. Errors:
// ErrWrongPassword, a *ThrottledError, and SetPassword's. The user that it
// returns has the Epoch for the session that may go on.
func (s *Store) ChangeOwnPassword(actor Actor, old, password string) (User, error) {
	return User{}, errNotBuilt
}
