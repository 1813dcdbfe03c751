package account

import "context"

// CreateUser adds a user with a password, and returns them. It takes the fields that an
// operator edits (see edited) from u. It needs AddUser. Errors: ValidationErrors, also
// about the password, ErrForbidden, ErrBusy, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) CreateUser(ctx context.Context, actor Actor, u User, password string) (User, error) {
	return s.create(ctx, actor, u, password, func(*change) error { return nil })
}

// CreateFirstSuperuser is CreateUser for an active superuser on the staff. If there is or
// was a user (see FirstRun), the error is ErrNotFirst. Of two calls at the same time, one
// gets it.
func (s *Store) CreateFirstSuperuser(ctx context.Context, actor Actor, u User, password string) (User, error) {
	u.Active, u.Staff, u.Superuser = true, true, true
	return s.create(ctx, actor, u, password, func(c *change) error {
		if !c.firstRun() {
			return ErrNotFirst
		}
		return nil
	})
}

func (s *Store) create(ctx context.Context, actor Actor, u User, password string, guard func(*change) error) (User, error) {
	var clean User
	check := func(c *change) (err error) {
		if err = guard(c); err == nil {
			clean, err = c.newUser(u, password)
		}
		return err
	}
	return s.changeHashed(ctx, actor, AddUser, password, check, func(c *change, hash string) (User, error) {
		return c.putUser(clean, hash, ActionAdd, c.grantsOf(clean)...)
	})
}

// newUser returns the new user to store, or why they may not be added.
func (c *change) newUser(u User, password string) (User, error) {
	u = User{Joined: c.at, Epoch: 1, Version: 1}.edited(u)
	u, wrong := c.cleanUser(u)
	wrong.add(FieldPassword, CheckPassword(password, u)...)
	return u, c.mayUpdate(User{}, u, wrong)
}

// May returns nil if the actor has the permission now. Actors outside of the console have
// all permissions. Errors: ErrForbidden, ErrActor, ErrUnavailable, ErrClosed.
func (s *Store) May(ctx context.Context, actor Actor, p Permission) error {
	return s.look(ctx, actor, p, func(*change) error { return nil })
}

// changeHashed is a change that needs the hash of a password. It checks before the hashing,
// which is slow, and again in the transaction.
func (s *Store) changeHashed(
	ctx context.Context, actor Actor, need Permission, password string, check func(*change) error, write func(c *change, hash string) (User, error),
) (User, error) {
	if err := s.look(ctx, actor, need, check); err != nil {
		return User{}, err
	}
	var hash string
	if err := s.hasher.do(signedIn(), func() { hash = newHash(password, s.cfg.cost) }); err != nil {
		return User{}, err
	}
	return changed(ctx, s, actor, need, func(c *change) (User, error) {
		if err := check(c); err != nil {
			return User{}, err
		}
		return write(c, hash)
	})
}
