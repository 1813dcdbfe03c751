package account

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// CreateGroup adds a group with g's Name and Permissions, and returns it. It needs AddGroup.
// Errors: ValidationErrors, ErrForbidden, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) CreateGroup(ctx context.Context, actor Actor, g Group) (Group, error) {
	return changed(ctx, s, actor, AddGroup, func(c *change) (Group, error) { return c.writeGroup(ActionAdd, Group{}, g) })
}

// UpdateGroup writes Name and Permissions of the group g.ID, and returns the group. It
// treats Version as UpdateUser does. It needs ChangeGroup. Errors: those of CreateGroup,
// ErrNotFound, ErrChanged.
func (s *Store) UpdateGroup(ctx context.Context, actor Actor, g Group) (Group, error) {
	return changed(ctx, s, actor, ChangeGroup, func(c *change) (Group, error) {
		old := c.group(g.ID)
		if old == nil {
			return Group{}, ErrNotFound
		}
		if g.Version != 0 && g.Version != old.Version {
			return Group{}, ErrChanged
		}
		return c.writeGroup(ActionChange, *old, g)
	})
}

// writeGroup writes a group that replaces old, which is zero for a new group. It checks the
// fields and the actor's permissions, and skips the write if nothing differs.
func (c *change) writeGroup(action Action, old, g Group) (Group, error) {
	g, wrong := c.cleanGroup(Group{ID: old.ID, Name: g.Name, Permissions: g.Permissions, Version: old.Version})
	if err := wrong.orNil(); err != nil {
		return Group{}, err
	}
	if err := c.mayGive(setOf(old.Permissions), setOf(g.Permissions)); err != nil {
		return Group{}, err
	}
	if g.Differences(old) == nil {
		return g, nil
	}
	g.Version++
	changes := changesOfGroup(old, g)
	if action == ActionAdd { // its name is the object of the entry
		changes = slices.DeleteFunc(changes, func(one Change) bool { return one.Field == FieldName })
	}
	return c.putGroup(g, action, changes...)
}

// DeleteGroups deletes all of these groups, or none. Their members lose the groups'
// permissions. It needs DeleteGroup. Errors: ErrNotFound with the id of the group,
// ErrForbidden, ErrUnavailable, ErrClosed.
func (s *Store) DeleteGroups(ctx context.Context, actor Actor, ids ...uint64) error {
	return s.deleteEach(ctx, actor, DeleteGroup, ids, (*change).deleteGroup)
}

func (c *change) deleteGroup(id uint64) error {
	g := c.group(id)
	if g == nil {
		return fmt.Errorf("group %d: %w", id, ErrNotFound)
	}
	c.exec("UPDATE users SET version = version + 1 WHERE id IN (SELECT user_id FROM user_groups WHERE group_id = $1)", id)
	c.exec("DELETE FROM groups WHERE id = $1", id)
	c.audit(groupEvent(ActionDelete, *g))
	return nil
}

func groupEvent(a Action, g Group) Event {
	return Event{Action: a, Kind: KindGroup, ObjectID: strconv.FormatUint(g.ID, 10), Object: g.Name}
}
