package account

import "context"

// SignOut ends all sessions of a user, on all servers, and their unfinished sign-ins, and
// returns the user with the new Epoch. It records that also if there were none. It needs
// ChangeUser. Operators end their own in another way, see Epoch. Errors: ErrNotFound,
// ErrForbidden, ErrSelf, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) SignOut(ctx context.Context, actor Actor, id uint64) (User, error) {
	return changed(ctx, s, actor, ChangeUser, func(c *change) (User, error) {
		known := c.member(id)
		if known == nil {
			return User{}, ErrNotFound
		}
		if err := c.mayTouch(known.User); err != nil {
			return User{}, err
		}
		if c.self(known.User) {
			return User{}, ErrSelf
		}
		c.nextEpoch(id)
		c.audit(userEvent(ActionSignOut, known.User))
		return c.present(id)
	})
}
