package account

import "context"

// A FactorChange is the result of a change of second factors.
type FactorChange struct {
	User  User     // with the epoch that counts now
	Codes []string // new recovery codes, to show once; nil if there are none
}

// ownFactors returns the user whose second factors the actor may change: in the console their
// own, with a proof of Confirm, and elsewhere those of any user.
func (c *change) ownFactors(id uint64, proven bool) (*member, error) {
	u := c.member(id)
	switch {
	case c.by == nil && u == nil:
		return nil, ErrNotFound
	case c.by != nil && !c.self(User{ID: id}):
		return nil, ErrForbidden
	case c.by != nil && !proven:
		return nil, ErrUnconfirmed
	}
	return u, nil
}

// proven reports whether the actor has entered their current password.
func (c *change) proven() bool { return c.by != nil && c.actor.confirmed == c.by.proof() }

// gainFactor writes a second factor of a user. The first one comes with recovery codes. If it
// replaces another one, the user's other sessions end.
func (c *change) gainFactor(u *member, field string, replaces bool, add func()) (done FactorChange, err error) {
	add()
	if c.recoveryCodesLeft(u.ID) == 0 {
		done.Codes = c.renewRecoveryCodes(u.ID)
	}
	if replaces {
		c.nextEpoch(u.ID)
	}
	c.audit(userEvent(ActionFactorAdd, u.User, field))
	done.User, err = c.present(u.ID)
	return done, err
}

// loseFactor removes a second factor of a user, and ends their sessions. The last factor takes
// the recovery codes along. Operators who must have a factor keep the last one.
func (s *Store) loseFactor(c *change, u *member, field string, remove func()) (User, error) {
	remove()
	now, err := c.present(u.ID)
	if err != nil {
		return User{}, err
	}
	if c.by != nil && !now.Factors.Any() && s.MustHaveSecondFactor(now) {
		return User{}, ErrRequired
	}
	if !now.Factors.Any() {
		c.forgetCodes(u.ID)
	}
	c.nextEpoch(u.ID)
	c.audit(userEvent(ActionFactorRemove, u.User, field))
	return c.present(u.ID)
}

// present returns a user as they are now.
func (c *change) present(id uint64) (User, error) {
	u := c.member(id)
	if u == nil {
		return User{}, ErrNotFound
	}
	return u.User, nil
}

// nextEpoch ends the sessions of a user, and their unfinished sign-ins.
func (c *change) nextEpoch(id uint64) {
	c.exec("UPDATE users SET epoch = epoch + 1 WHERE id = $1", id)
}

// forgetCodes removes the recovery codes, and the count of wrong ones.
func (c *change) forgetCodes(id uint64) {
	c.exec("DELETE FROM recovery_codes WHERE user_id = $1", id)
	c.exec("DELETE FROM wrong_codes WHERE user_id = $1", id)
}

// RemoveTOTP removes the authenticator app of a user, which ends their sessions. It returns the
// user with the new epoch. The last second factor takes the recovery codes along. Operators
// remove their own, with the actor that Confirm returned; a command removes anyone's. Errors:
// ErrNoFactor, ErrRequired, ErrUnconfirmed, ErrForbidden, ErrNotFound, ErrFull,
// ErrUnavailable, ErrClosed.
func (s *Store) RemoveTOTP(ctx context.Context, actor Actor, id uint64) (User, error) {
	return changed(ctx, s, actor, "", func(c *change) (User, error) {
		u, err := c.ownFactors(id, c.proven())
		if err != nil {
			return User{}, err
		}
		if !u.Factors.TOTP {
			return User{}, ErrNoFactor
		}
		return s.loseFactor(c, u, ByTOTP, func() { c.exec("DELETE FROM totp WHERE user_id = $1", id) })
	})
}

// NewRecoveryCodes replaces the recovery codes of a user who has a second factor, and returns
// the new ones. Sessions go on. Errors as RemoveTOTP.
func (s *Store) NewRecoveryCodes(ctx context.Context, actor Actor, id uint64) (FactorChange, error) {
	return changed(ctx, s, actor, "", func(c *change) (FactorChange, error) {
		u, err := c.ownFactors(id, c.proven())
		if err != nil {
			return FactorChange{}, err
		}
		if !u.Factors.Any() {
			return FactorChange{}, ErrNoFactor
		}
		c.audit(userEvent(ActionRecovery, u.User))
		return FactorChange{u.User, c.renewRecoveryCodes(id)}, nil
	})
}

// ResetSecondFactors removes all second factors and the recovery codes of a user, who has lost
// them, and ends their sessions. In the console only superusers may do it, to others. Errors:
// ErrNoFactor, ErrForbidden, ErrSelf, ErrNotFound, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) ResetSecondFactors(ctx context.Context, actor Actor, id uint64) (User, error) {
	return changed(ctx, s, actor, "", func(c *change) (User, error) {
		u := c.member(id)
		switch {
		case c.by != nil && !c.by.Superuser:
			return User{}, ErrForbidden
		case u == nil:
			return User{}, ErrNotFound
		case c.self(u.User):
			return User{}, ErrSelf
		case !u.Factors.Any():
			return User{}, ErrNoFactor
		}
		c.exec("DELETE FROM totp WHERE user_id = $1", id)
		c.exec("DELETE FROM passkeys WHERE user_id = $1", id)
		c.forgetCodes(id)
		c.nextEpoch(id)
		c.audit(userEvent(ActionFactorReset, u.User))
		return c.present(id)
	})
}
