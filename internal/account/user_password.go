package account

import "context"

// SetPassword sets a user's password, which ends their sessions. It needs ChangeUser, and
// for the actor's own password Confirm.
// Errors: ValidationErrors, ErrNotFound, ErrForbidden, ErrBusy, ErrFull, ErrUnavailable,
// ErrClosed.
func (s *Store) SetPassword(ctx context.Context, actor Actor, id uint64, password string) (User, error) {
	check := func(c *change) error {
		u := c.member(id)
		if u == nil {
			return ErrNotFound
		}
		if err := c.mayTakeOver(u.User); err != nil {
			return err
		}
		return c.passwordErrors(password, u.User)
	}
	return s.setPassword(ctx, actor, ChangeUser, id, password, check)
}

// ChangeOwnPassword sets the actor's own password. It needs Confirm instead of a permission.
// Errors: ErrForbidden for an actor who is not a user of the console, those of SetPassword.
// The caller gives the new Epoch to the session that continues.
func (s *Store) ChangeOwnPassword(ctx context.Context, actor Actor, password string) (User, error) {
	check := func(c *change) error {
		if c.by == nil {
			return ErrForbidden
		}
		return c.passwordErrors(password, c.by.User)
	}
	return s.setPassword(ctx, actor, "", actor.UserID, password, check)
}

func (s *Store) setPassword(ctx context.Context, actor Actor, need Permission, id uint64, password string, check func(*change) error) (User, error) {
	return s.changeHashed(ctx, actor, need, password, check, func(c *change, hash string) (User, error) {
		old := c.member(id)
		if old == nil {
			return User{}, ErrNotFound
		}
		u := old.User
		u.Epoch++
		u.Version++
		return c.putUser(u, hash, ActionPassword, Change{Field: FieldPassword})
	})
}

func (c *change) passwordErrors(password string, u User) error {
	wrong := ValidationErrors{}
	wrong.add(FieldOldPassword, c.unconfirmed(u, newHashed)...)
	wrong.add(FieldPassword, CheckPassword(password, u)...)
	return wrong.orNil()
}
