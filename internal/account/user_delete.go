package account

import (
	"context"
	"fmt"
)

// DeleteUsers deletes all of these users, or none. Their audit entries stay. It needs
// DeleteUser. Errors: ErrNotFound with the id of the user, ErrForbidden, ErrSelf,
// ErrLastSuperuser with the username, ErrUnavailable, ErrClosed.
func (s *Store) DeleteUsers(ctx context.Context, actor Actor, ids ...uint64) error {
	return s.deleteEach(ctx, actor, DeleteUser, ids, (*change).deleteUser)
}

// deleteEach deletes all of these objects, or none. It needs p.
func (s *Store) deleteEach(ctx context.Context, actor Actor, p Permission, ids []uint64, one func(*change, uint64) error) error {
	return s.change(ctx, actor, p, func(c *change) error {
		for _, id := range ids {
			if err := one(c, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *change) deleteUser(id uint64) error {
	u := c.member(id)
	if u == nil {
		return fmt.Errorf("user %d: %w", id, ErrNotFound)
	}
	if c.self(u.User) {
		return ErrSelf
	}
	if err := c.mayTouch(u.User); err != nil {
		return err
	}
	c.exec("DELETE FROM users WHERE id = $1", id)
	c.audit(userEvent(ActionDelete, u.User))
	if u.Superuser && !c.hasSuperuser() {
		return fmt.Errorf("%s: %w", u.Username, ErrLastSuperuser)
	}
	return nil
}
