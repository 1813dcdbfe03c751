package account

import "context"

// SetPassword sets a user's password, which ends their sessions. It needs ChangeUser.
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
		return passwordErrors(password, u.User)
	}
	return s.setPassword(ctx, actor, ChangeUser, id, password, check)
}

// ChangeOwnPassword sets the actor's own password. It needs the old password instead of a
// permission. A wrong one counts as a failed sign-in. Errors: ErrWrongPassword, a
// *ThrottledError, those of SetPassword. The caller gives the new Epoch to the session
// that continues.
func (s *Store) ChangeOwnPassword(ctx context.Context, actor Actor, old, password string) (User, error) {
	find := func(t tx) *member { return t.member(actor.UserID) }
	known, err := read(ctx, s, find)
	if err != nil {
		return User{}, err
	}
	if actor.Via != ViaConsole || known == nil {
		return User{}, ErrForbidden
	}
	err = s.try(ctx, known.Username, actor.Address, find, old, func(now *member, found checked) (wrong bool, err error) {
		if found.right {
			return false, nil
		}
		return true, s.refuse(ctx, actor, now, ErrWrongPassword)
	})
	if err != nil {
		return User{}, err
	}
	check := func(c *change) error {
		u := c.member(known.ID)
		if u == nil || u.hash != known.hash {
			return ErrChanged
		}
		return passwordErrors(password, known.User)
	}
	return s.setPassword(ctx, actor, "", known.ID, password, check)
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
		return c.putUser(u, hash, ActionPassword, FieldPassword)
	})
}

func passwordErrors(password string, u User) error {
	wrong := ValidationErrors{}
	wrong.add(FieldPassword, CheckPassword(password, u)...)
	return wrong.orNil()
}
