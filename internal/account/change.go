package account

import (
	"context"
	"fmt"
	"time"

	"pagesession/internal/network"
)

// A change is a running transaction with its actor. Reads that prepare a change use it, too.
type change struct {
	tx
	actor Actor
	by    *member // the actor in the console; nil elsewhere
	at    time.Time
	keep  retention
	kept  network.Kept // of addresses, in entries
}

// change runs do in a transaction, if the actor has the permission need ("" for none).
// After an error nothing has changed.
func (s *Store) change(ctx context.Context, actor Actor, need Permission, do func(*change) error) error {
	return s.writing(ctx, func(t tx) error {
		return (&change{tx: t, actor: actor, at: s.now(), keep: s.cfg.keep, kept: s.cfg.Addresses}).decide(need, do)
	})
}

// changed runs do as change would, and returns its result.
func changed[T any](ctx context.Context, s *Store, actor Actor, need Permission, do func(*change) (T, error)) (out T, err error) {
	err = s.change(ctx, actor, need, func(c *change) (err error) {
		out, err = do(c)
		return err
	})
	return out, err
}

// look runs do as change would, but only for its error.
func (s *Store) look(ctx context.Context, actor Actor, need Permission, do func(*change) error) error {
	return s.reading(ctx, func(t tx) error {
		c := &change{tx: t, actor: actor, at: s.now()}
		if err := c.identify(need); err != nil {
			return err
		}
		return do(c)
	})
}

// decide runs do, and checks what must hold after each change.
func (c *change) decide(need Permission, do func(*change) error) error {
	if err := c.identify(need); err != nil {
		return err
	}
	had := c.hasSuperuser()
	if err := do(c); err != nil {
		return err
	}
	if had && !c.hasSuperuser() {
		return ErrLastSuperuser
	}
	return nil
}

// putUser writes a user, with a new id if u.ID is 0, and an audit entry. It returns the
// user. Actors who change their own password or e-mail address need a proof, see Confirm.
func (c *change) putUser(u User, hash string, done Action, changed ...Change) (User, error) {
	if wrong := c.unconfirmed(u, hash); wrong != nil {
		return User{}, ValidationErrors{FieldOldPassword: wrong}
	}
	if err := c.assign(&u.ID, "users", MaxUsers); err != nil {
		return User{}, err
	}
	c.exec(table{"users", userColumns, "id"}.insert(1)+`
		ON CONFLICT (id) DO UPDATE SET username = excluded.username, email = excluded.email, first_name = excluded.first_name,
		last_name = excluded.last_name, hash = excluded.hash, active = excluded.active, staff = excluded.staff, superuser = excluded.superuser,
		last_login = excluded.last_login, joined = excluded.joined, epoch = excluded.epoch, version = excluded.version`, userRow(u, hash)...)
	putLinks(c, "user_groups", "user_id", "group_id", u.ID, u.Groups)
	putLinks(c, "user_permissions", "user_id", "permission", u.ID, u.Permissions)
	c.audit(userEvent(done, u).withChanges(changed))
	m := c.member(u.ID)
	if m == nil {
		return User{}, ErrNotFound
	}
	return m.User, nil
}

// putGroup is putUser for a group.
func (c *change) putGroup(g Group, done Action, changed ...Change) (Group, error) {
	if err := c.assign(&g.ID, "groups", maxGroups); err != nil {
		return Group{}, err
	}
	c.exec(`INSERT INTO groups (id, name, version) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version`, g.ID, g.Name, g.Version)
	putLinks(c, "group_permissions", "group_id", "permission", g.ID, g.Permissions)
	c.audit(groupEvent(done, g).withChanges(changed))
	return g, nil
}

// putLinks replaces the rows of one owner in a table of pairs.
func putLinks[T Permission | uint64](c *change, table, owner, column string, id uint64, values []T) {
	c.exec("DELETE FROM "+table+" WHERE "+owner+" = $1", id)
	for _, v := range values {
		c.exec("INSERT INTO "+table+" ("+owner+", "+column+") VALUES ($1, $2)", id, v)
	}
}

// assign gives an object without an id a new one, if there is room for it.
func (c *change) assign(id *uint64, table string, most int) error {
	if *id != 0 {
		return nil
	}
	if have := c.count(table); have >= most {
		return fmt.Errorf("%w: %d %s are the maximum", ErrFull, have, table)
	}
	*id = c.newID(table)
	return nil
}

// newID returns an id that no row of the table has had. It looks at the rows, too, because
// another program may have added one.
func (c *change) newID(table string) uint64 {
	highest := "(SELECT coalesce(max(id), 0) FROM " + table + ")"
	return value[uint64](c.tx, "UPDATE counters SET last = 1 + CASE WHEN last > "+highest+" THEN last ELSE "+highest+" END WHERE name = $1 RETURNING last", table)
}

func (t tx) count(table string) int { return value[int](t, "SELECT count(*) FROM "+table) }
