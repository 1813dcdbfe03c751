package account

import "context"

// Unlock forgets the failed sign-ins that count for a user: for the name, and for its
// sign-ins in networks and on devices. It returns the user and how many there were, 0 if
// none counted, and records it in any case. Without Config.Shared the failures of this process
// count only, since they are in memory. It needs ChangeUser. Errors: ErrNotFound,
// ErrForbidden, ErrFull, ErrUnavailable, ErrClosed; ErrBusy and those of Shared, after which it
// is recorded, and some failures may still count.
func (s *Store) Unlock(ctx context.Context, actor Actor, id uint64) (u User, failures int, err error) {
	u, err = changed(ctx, s, actor, ChangeUser, func(c *change) (User, error) {
		known := c.member(id)
		if known == nil {
			return User{}, ErrNotFound
		}
		if err := c.mayTouch(known.User); err != nil {
			return User{}, err
		}
		c.audit(userEvent(ActionUnlock, known.User))
		return known.lent(), nil
	})
	if err != nil {
		return User{}, 0, err
	}
	failures, err = s.throttle.unlock(ctx, s.cfg.Now(), nameKey(normalUsername(u.Username)))
	return u, failures, err
}

// HasFailures reports whether there are failed sign-ins of a username that Unlock would forget,
// or delays that they left. It may also say so where there are none: while servers share more
// counts than it looks at. Errors: those of Config.Shared.
func (s *Store) HasFailures(ctx context.Context, username string) (bool, error) {
	return s.throttle.has(ctx, s.cfg.Now(), nameKey(normalUsername(username)))
}
