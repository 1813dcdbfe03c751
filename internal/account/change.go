package account

import (
	"context"
	"fmt"
	"time"
)

// A change is a running transaction with its actor. Reads that prepare a change use it, too.
type change struct {
	tx
	actor Actor
	by    *member // the actor in the console; nil elsewhere
	at    time.Time
	keep  retention
	wrote bool
}

// change runs do in a transaction, if the actor has the permission need ("" for none).
// After an error nothing has changed.
func (s *Store) change(ctx context.Context, actor Actor, need Permission, do func(*change) error) error {
	return s.writing(ctx, func(t tx) (bool, error) {
		c := &change{tx: t, actor: actor, at: s.now(), keep: s.cfg.keep}
		err := c.decide(need, do)
		return c.wrote, err
	})
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
	had, err := c.hasSuperuser()
	if err != nil {
		return err
	}
	if err := do(c); err != nil || !had {
		return err
	}
	has, err := c.hasSuperuser()
	if err == nil && !has {
		return ErrLastSuperuser
	}
	return err
}

// putUser writes a user, with a new id if u.ID is 0, and returns them.
func (c *change) putUser(u User, hash string) (User, error) {
	if err := c.assign(&u.ID, "users", MaxUsers); err != nil {
		return User{}, err
	}
	c.wrote = true
	err := c.exec(`INSERT INTO users (id, username, email, first_name, last_name, hash, active, staff, superuser, last_login, joined, epoch, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET username = excluded.username, email = excluded.email, first_name = excluded.first_name,
		last_name = excluded.last_name, hash = excluded.hash, active = excluded.active, staff = excluded.staff, superuser = excluded.superuser,
		last_login = excluded.last_login, joined = excluded.joined, epoch = excluded.epoch, version = excluded.version`,
		int64(u.ID), u.Username, u.Email, u.FirstName, u.LastName, hash, flag(u.Active), flag(u.Staff), flag(u.Superuser),
		sqlTime(u.LastLogin), sqlTime(u.Joined), int64(u.Epoch), int64(u.Version))
	if err != nil {
		return User{}, err
	}
	if err := c.putLinks("user_groups", "user_id", "group_id", u.ID, links(u.Groups)); err != nil {
		return User{}, err
	}
	if err := c.putLinks("user_permissions", "user_id", "permission", u.ID, links(u.Permissions)); err != nil {
		return User{}, err
	}
	m, err := c.member(u.ID)
	if err != nil {
		return User{}, err
	}
	return m.User, nil
}

func (c *change) putGroup(g Group) (Group, error) {
	if err := c.assign(&g.ID, "groups", maxGroups); err != nil {
		return Group{}, err
	}
	c.wrote = true
	err := c.exec(`INSERT INTO groups (id, name, version) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version`, int64(g.ID), g.Name, int64(g.Version))
	if err != nil {
		return Group{}, err
	}
	return g, c.putLinks("group_permissions", "group_id", "permission", g.ID, links(g.Permissions))
}

// putLinks replaces the rows of one owner in a table of pairs.
func (c *change) putLinks(table, owner, column string, id uint64, values []any) error {
	if err := c.exec("DELETE FROM "+table+" WHERE "+owner+" = $1", int64(id)); err != nil {
		return err
	}
	for _, v := range values {
		if err := c.exec("INSERT INTO "+table+" ("+owner+", "+column+") VALUES ($1, $2)", int64(id), v); err != nil {
			return err
		}
	}
	return nil
}

// links returns the values as the driver takes them.
func links[T Permission | uint64](list []T) []any {
	values := make([]any, len(list))
	for i, v := range list {
		switch v := any(v).(type) {
		case uint64:
			values[i] = int64(v)
		case Permission:
			values[i] = string(v)
		}
	}
	return values
}

// assign gives an object without an id a new one, if there is room for it.
func (c *change) assign(id *uint64, table string, most int) error {
	if *id != 0 {
		return nil
	}
	have, err := c.count(table)
	if err != nil {
		return err
	}
	if have >= most {
		return fmt.Errorf("%w: %d %s are the maximum", ErrFull, have, table)
	}
	*id, err = c.newID(table)
	return err
}

// newID returns an id that no row of the table has had. It looks at the rows, too, because
// another program may have added one.
func (c *change) newID(table string) (id uint64, err error) {
	highest := "(SELECT coalesce(max(id), 0) FROM " + table + ")"
	err = c.row("UPDATE counters SET last = 1 + CASE WHEN last > "+highest+" THEN last ELSE "+highest+" END WHERE name = $1 RETURNING last",
		[]any{table}, &id)
	return id, err
}

func (t tx) count(table string) (n int, err error) {
	err = t.row("SELECT count(*) FROM "+table, nil, &n)
	return n, err
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// sqlTime returns a time as the database has it: nil for the zero time.
func sqlTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}
