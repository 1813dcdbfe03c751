package account

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

// A copying is a running copy from an old file into a transaction.
type copying struct {
	tx
	from   *bolt.Tx
	old    *oldFile
	failed *error // set to the error of the database, if that one failed and not the file
	rows   batch
}

func (c *copying) run() error {
	steps := []func() error{c.meta, c.groups, c.users, c.entries}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// noting returns the error of a statement, and notes that the database failed.
func (c *copying) noting(err error) error {
	if err != nil {
		*c.failed = err
	}
	return err
}

// put adds a row to a table. A database gets many rows at once, in their order.
func (c *copying) put(table tableName, row ...any) error {
	return c.noting(c.rows.add(c.tx, table, row))
}

func (c *copying) flush() error { return c.noting(c.rows.flush(c.tx)) }

// meta writes the counters of ids, the key of decoys, and the name of the file.
func (c *copying) meta() error {
	for _, name := range [][]byte{usersBucket, groupsBucket, entriesBucket} {
		last := int64(c.from.Bucket(name).Sequence())
		if err := c.noting(c.exec("UPDATE counters SET last = $1 WHERE name = $2", last, string(name))); err != nil {
			return err
		}
	}
	decoy := hex.EncodeToString(c.from.Bucket(metaBucket).Get(decoyKey))
	if err := c.noting(c.exec("UPDATE meta SET value = $1 WHERE name = 'decoy'", decoy)); err != nil {
		return err
	}
	return c.noting(c.exec("INSERT INTO meta (name, value) VALUES ('taken', $1)", c.old.name))
}

func (c *copying) groups() error {
	var given [][]any
	err := each(c.from, groupsBucket, 0, func(id uint64, _ []byte, g Group) error {
		for _, p := range slices.Compact(g.Permissions) {
			given = append(given, []any{int64(id), string(p)})
		}
		return c.put(tableGroups, int64(id), g.Name, int64(g.Version))
	})
	return c.then(err, tableGroupPermissions, given)
}

// users leaves out memberships in groups that are gone, which earlier versions ignored.
func (c *copying) users() error {
	var in, own [][]any
	err := each(c.from, usersBucket, 0, func(id uint64, _ []byte, u oldUser) error {
		for _, g := range slices.Compact(u.Groups) {
			if c.from.Bucket(groupsBucket).Get(binary.BigEndian.AppendUint64(nil, g)) != nil {
				in = append(in, []any{int64(id), int64(g)})
			}
		}
		for _, p := range slices.Compact(u.Permissions) {
			own = append(own, []any{int64(id), string(p)})
		}
		return c.put(tableUsers, int64(id), u.Username, u.Email, u.FirstName, u.LastName, u.Hash, flag(u.Active), flag(u.Staff), flag(u.Superuser),
			sqlTime(u.LastLogin), u.Joined.UnixMicro(), int64(u.Epoch), int64(u.Version))
	})
	return c.then(c.then(err, tableUserGroups, in), tableUserPermissions, own)
}

// then writes rows that refer to the rows before.
func (c *copying) then(err error, table tableName, rows [][]any) error {
	for _, row := range rows {
		if err == nil {
			err = c.put(table, row...)
		}
	}
	if err == nil {
		err = c.flush()
	}
	return err
}

func (c *copying) entries() error {
	err := each(c.from, entriesBucket, 8, func(id uint64, head []byte, e oldEntry) error {
		return c.put(tableEntries, int64(id), int64(binary.BigEndian.Uint64(head))*int64(time.Millisecond/time.Microsecond), int64(e.UserID), e.Name,
			e.Address, string(e.Via), string(e.Action), string(e.Kind), e.ObjectID, e.Object, strings.Join(e.Fields, ","), int64(e.Count))
	})
	if err == nil {
		err = c.flush()
	}
	return err
}

// report adds an audit entry about each name that Unicode normalization makes equal to
// another one. A person has to decide who is meant: a sign-in finds only the normalized
// name.
func (o takeover) report(t tx) error {
	for _, table := range []struct {
		kind  Kind
		query string
	}{{KindUser, "SELECT id, username FROM users ORDER BY id"}, {KindGroup, "SELECT id, name FROM groups ORDER BY id"}} {
		names := map[string][]Event{}
		err := t.each(table.query, nil, func(scan func(...any) error) error {
			var id uint64
			var name string
			if err := scan(&id, &name); err != nil {
				return err
			}
			e := Event{Action: ActionConflict, Kind: table.kind, ObjectID: strconv.FormatUint(id, 10), Object: name}
			names[normalUsername(name)] = append(names[normalUsername(name)], e)
			return nil
		})
		if err != nil {
			return err
		}
		if err := o.reportEqual(t, names); err != nil {
			return err
		}
	}
	return nil
}

func (o takeover) reportEqual(t tx, names map[string][]Event) error {
	for _, name := range slices.Sorted(maps.Keys(names)) {
		same := names[name]
		if len(same) == 1 {
			continue
		}
		for _, e := range same {
			o.log.Warn("a name equals another one after Unicode normalization; rename one of them", slog.String("kind", string(e.Kind)),
				slog.String("id", e.ObjectID), slog.String("name", fmt.Sprintf("%+q", e.Object)))
			c := &change{tx: t, actor: Actor{Name: "pagesession", Via: ViaCommandLine}, at: o.now().UTC(), keep: retention{maxEntries, maxFailures}}
			if err := c.audit(e); err != nil {
				return err
			}
		}
	}
	return nil
}
