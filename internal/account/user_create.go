package account

// CreateUser adds a user with a password, and returns them. Of u what an operator
// edits counts, see edited. It needs AddUser. Errors: ValidationErrors, the
// password's included; ErrForbidden, ErrBusy, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) CreateUser(actor Actor, u User, password string) (User, error) {
	return s.create(actor, u, password, func(*change) error { return nil })
}

// CreateFirstSuperuser is CreateUser for an active superuser on the staff, unless
// HasSuperuser: then the error is ErrNotFirst, also for the second of two at once.
func (s *Store) CreateFirstSuperuser(actor Actor, u User, password string) (User, error) {
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

// newUser is what is kept of a user who is added, if they may be.
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

// May returns nil if the actor has a permission at this moment, as all actors
// but the console's have. Errors: ErrForbidden, ErrActor.
func (s *Store) May(actor Actor, p Permission) error {
	return s.look(actor, p, func(*change) error { return nil })
}

// look runs do as change would, but to see only what it says.
func (s *Store) look(actor Actor, need Permission, do func(*change) error) error {
	c := &change{state: s.state.Load(), actor: actor, at: s.now()}
	if err := c.identify(need); err != nil {
		return err
	}
	return do(c)
}

// changeHashed is a change that needs a password's hash. It checks before it hashes,
// which takes long, and again in the transaction.
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
