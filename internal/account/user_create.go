package account

import "context"

// CreateUser adds a user with a password, and returns them. It takes the fields that an
// operator edits (see edited) from u. It needs AddUser. Errors: ValidationErrors, also
// about the password, ErrForbidden, ErrBusy, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) CreateUser(_ context.Context, actor Actor, u User, password string) (User, error) {
	return s.create(actor, u, password, func(*change) error { return nil })
}

// CreateFirstSuperuser is CreateUser for an active superuser on the staff. If there is one
// already, the error is ErrNotFirst. Of two calls at the same time, one gets it.
func (s *Store) CreateFirstSuperuser(_ context.Context, actor Actor, u User, password string) (User, error) {
	u.Active, u.Staff, u.Superuser = true, true, true
	return s.create(actor, u, password, func(c *change) error {
		if c.state.hasSuperuser() {
			return ErrNotFirst
		}
		return nil
	})
}

func (s *Store) create(actor Actor, u User, password string, guard func(*change) error) (out User, err error) {
	var clean User
	check := func(c *change) (err error) {
		if err = guard(c); err == nil {
			clean, err = c.newUser(u, password)
		}
		return err
	}
	err = s.changeHashed(actor, AddUser, password, check, func(c *change, hash string) (err error) {
		if out, err = c.putUser(clean, hash); err != nil {
			return err
		}
		return c.audit(userEvent(ActionAdd, out))
	})
	return out, err
}

// newUser returns the new user to store, or why they may not be added.
func (c *change) newUser(u User, password string) (User, error) {
	u = User{Joined: c.at, Epoch: 1, Version: 1}.edited(u)
	u, wrong := c.state.cleanUser(u)
	wrong.add(FieldPassword, CheckPassword(password, u)...)
	if err := wrong.orNil(); err != nil {
		return User{}, err
	}
	if err := c.mayTouch(u); err != nil {
		return User{}, err
	}
	return u, c.mayGive(0, c.state.granted(u))
}

// May returns nil if the actor has the permission now. Actors outside of the console have
// all permissions. Errors: ErrForbidden, ErrActor.
func (s *Store) May(_ context.Context, actor Actor, p Permission) error {
	return s.look(actor, p, func(*change) error { return nil })
}

// look runs do as change would, but only for its error.
func (s *Store) look(actor Actor, need Permission, do func(*change) error) error {
	st, err := s.present()
	if err != nil {
		return err
	}
	c := &change{state: st, actor: actor, at: s.now()}
	if err := c.identify(need); err != nil {
		return err
	}
	return do(c)
}

// changeHashed is a change that needs the hash of a password. It checks before the hashing,
// which is slow, and again in the transaction.
func (s *Store) changeHashed(
	actor Actor, need Permission, password string, check func(*change) error, write func(c *change, hash string) error,
) error {
	if err := s.look(actor, need, check); err != nil {
		return err
	}
	var hash string
	if err := s.hasher.do(func() { hash = newHash(password, s.cfg.cost) }); err != nil {
		return err
	}
	return s.change(actor, need, func(c *change) error {
		if err := check(c); err != nil {
			return err
		}
		return write(c, hash)
	})
}
