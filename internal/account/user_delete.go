package account

import (
	"context"
	"fmt"
)

// DeleteUsers deletes all of these users, or none. Their audit entries stay. It needs
// DeleteUser. Errors: ErrNotFound with the id of the user, ErrForbidden, ErrSelf,
// ErrLastSuperuser with the username, ErrUnavailable, ErrClosed.
func (s *Store) DeleteUsers(_ context.Context, actor Actor, ids ...uint64) error {
	return s.deleteEach(actor, DeleteUser, ids, (*change).deleteUser)
}

// deleteEach deletes all of these objects, or none. It needs p.
func (s *Store) deleteEach(actor Actor, p Permission, ids []uint64, one func(*change, uint64) error) error {
	return s.change(actor, p, func(c *change) error {
		for _, id := range ids {
			if err := one(c, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *change) deleteUser(id uint64) error {
	u := c.state.users[id]
	if u == nil {
		return fmt.Errorf("user %d: %w", id, ErrNotFound)
	}
	if c.self(u.User) {
		return ErrSelf
	}
	if err := c.mayTouch(u.User); err != nil {
		return err
	}
	had := c.state.hasSuperuser()
	c.state.deleteUser(id)
	if had && !c.state.hasSuperuser() {
		return fmt.Errorf("%s: %w", u.Username, ErrLastSuperuser)
	}
	if err := c.delete(usersBucket, id); err != nil {
		return err
	}
	return c.audit(userEvent(ActionDelete, u.User))
}
