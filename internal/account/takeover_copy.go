package account

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// An oldContent is what a database has after it took an old file over.
type oldContent struct {
	*bolt.Tx
	name string // of the file, see oldFile
	id   string // the identity of the database
}

// rows is the source of all tables.
func (c oldContent) rows(of table, do func([]any)) error {
	switch of.name {
	case "meta":
		do([]any{"id", c.id})
		do([]any{"decoy", hex.EncodeToString(c.Bucket(metaBucket).Get(decoyKey))})
		do([]any{"taken", c.name})
		return nil
	case "counters":
		for _, name := range [][]byte{usersBucket, groupsBucket, entriesBucket} {
			do([]any{string(name), c.Bucket(name).Sequence()})
		}
		return nil
	case "entries":
		return each(c.Tx, entriesBucket, 8, func(id uint64, head []byte, e oldEntry) {
			at := time.UnixMilli(int64(binary.BigEndian.Uint64(head)))
			do(entryRow(Entry{Seq: id, At: at, Actor: e.Actor, Event: e.Event}))
		})
	case "totp", "recovery_codes", "wrong_codes", "passkeys": // earlier versions had none
		return nil
	case "groups", "group_permissions":
		return each(c.Tx, groupsBucket, 0, func(id uint64, _ []byte, g Group) {
			if of.name == "groups" {
				do([]any{id, g.Name, g.Version})
				return
			}
			pairs(id, g.Permissions, do)
		})
	}
	return each(c.Tx, usersBucket, 0, func(id uint64, _ []byte, u oldUser) {
		u.ID = id
		switch of.name {
		case "users":
			do(userRow(u.User, u.Hash))
		case "user_groups": // without groups that are gone, which earlier versions ignored
			gone := func(g uint64) bool { return c.Bucket(groupsBucket).Get(binary.BigEndian.AppendUint64(nil, g)) == nil }
			pairs(id, slices.DeleteFunc(u.Groups, gone), do)
		default:
			pairs(id, u.Permissions, do)
		}
	})
}

// pairs are the rows of one owner in a table of pairs.
func pairs[T comparable](owner uint64, values []T, do func([]any)) {
	for _, v := range slices.Compact(values) {
		do([]any{owner, v})
	}
}

// report adds an audit entry about each name that Unicode normalization makes equal to
// another one. A person has to decide who is meant: see tx.idOf.
func (o takeover) report(t tx) {
	equal := map[string][]Event{}
	const names = "SELECT 'user', id, username FROM users UNION ALL SELECT 'group', id, name FROM groups ORDER BY 1, 2"
	t.each(names, nil, func(scan func(...any)) {
		e := Event{Action: ActionConflict}
		scan(&e.Kind, &e.ObjectID, &e.Object)
		normal := normalName
		if e.Kind == KindUser {
			normal = normalUsername
		}
		name := string(e.Kind) + " " + normal(e.Object)
		equal[name] = append(equal[name], e)
	})
	c := &change{tx: t, actor: trusted, at: o.now().UTC(), keep: retention{maxEntries, maxFailures}}
	for _, name := range slices.Sorted(maps.Keys(equal)) {
		if len(equal[name]) == 1 {
			continue
		}
		for _, e := range equal[name] {
			o.log.Warn("a name equals another one after Unicode normalization; rename one of them", slog.String("kind", string(e.Kind)),
				slog.String("id", e.ObjectID), slog.String("name", fmt.Sprintf("%+q", e.Object)))
			c.audit(e)
		}
	}
}
