package account

import (
	"context"
	"slices"
)

// UpdateUser writes the fields that an operator edits (see edited) of the user u.ID, and
// returns the user. If u.Version is not 0, it must be the latest one. It writes nothing
// if nothing differs. It needs ChangeUser, and for the actor's own e-mail address Confirm.
// Errors: those of CreateUser, ErrChanged, ErrNotFound, ErrSelf, ErrLastSuperuser.
func (s *Store) UpdateUser(ctx context.Context, actor Actor, u User) (User, error) {
	return s.update(ctx, actor, u.ID, func(old User) (User, error) {
		if u.Version != 0 && u.Version != old.Version {
			return User{}, ErrChanged
		}
		return old.edited(u), nil
	})
}

// SetActive enables or disables a user. Errors as UpdateUser.
func (s *Store) SetActive(ctx context.Context, actor Actor, id uint64, active bool) (User, error) {
	return s.update(ctx, actor, id, func(old User) (User, error) {
		old.Active = active
		return old, nil
	})
}

// edited returns u with the fields that an operator edits from by.
func (u User) edited(by User) User {
	u.Username, u.Email, u.FirstName, u.LastName = by.Username, by.Email, by.FirstName, by.LastName
	u.Active, u.Staff, u.Superuser = by.Active, by.Staff, by.Superuser
	u.Groups, u.Permissions = by.Groups, by.Permissions
	return u
}

func (s *Store) update(ctx context.Context, actor Actor, id uint64, edit func(User) (User, error)) (User, error) {
	return changed(ctx, s, actor, ChangeUser, func(c *change) (User, error) {
		old := c.member(id)
		if old == nil {
			return User{}, ErrNotFound
		}
		u, err := edit(old.lent())
		if err != nil {
			return User{}, err
		}
		return c.updateUser(old, u)
	})
}

// updateUser checks and writes a user. It skips the write if nothing differs.
func (c *change) updateUser(old *member, u User) (User, error) {
	u, wrong := c.cleanUser(u)
	wrong.add(FieldOldPassword, c.unconfirmed(u, old.hash)...)
	if err := c.mayUpdate(old.User, u, wrong); err != nil {
		return User{}, err
	}
	fields := u.Differences(old.User)
	if len(fields) == 0 {
		return u, nil
	}
	u.Version++
	if lost(old.User, u) {
		u.Epoch++
	}
	return c.putUser(u, old.hash, updateAction(u, fields), c.changesOf(old.User, u)...)
}

// mayUpdate returns an error about the actor's permissions first, then about invalid fields.
// old is zero for a new user.
func (c *change) mayUpdate(old, u User, wrong ValidationErrors) error {
	if err := c.mayTouch(old); err != nil {
		return err
	}
	if err := c.mayTouch(u); err != nil {
		return err
	}
	if c.self(u) && (lost(old, u) || old.Superuser && !u.Superuser) {
		return ErrSelf
	}
	if err := wrong.orNil(); err != nil {
		return err
	}
	return c.mayGive(old.granted, c.granted(u))
}

// lost reports whether the user loses access to the console.
func lost(old, u User) bool { return old.Active && !u.Active || old.Staff && !u.Staff }

// updateAction returns ActionEnable or ActionDisable if only Active has changed, because
// operators search for these most.
func updateAction(u User, fields []string) Action {
	switch {
	case !slices.Equal(fields, []string{FieldActive}):
		return ActionChange
	case u.Active:
		return ActionEnable
	default:
		return ActionDisable
	}
}
