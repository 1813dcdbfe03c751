package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Moved says what Move has copied.
type Moved struct {
	From    string `json:"from"` // the databases, without passwords
	To      string `json:"to"`
	Users   int    `json:"users"`
	Groups  int    `json:"groups"`
	Entries int    `json:"entries"` // of the audit log, in total
	Before  int    `json:"before"`  // of them, those that an earlier run had copied

	Complete bool `json:"complete"` // the target was a complete copy before, and nothing was copied
}

// ErrOther is returned by Move for a target that has its own content.
var ErrOther = errors.New("has operators or an audit log of its own")

// errUnequal is returned when the copy differs from the source.
var errUnequal = errors.New("the copy differs from its source")

// A move copies one database into another one. While it runs, nothing in the source can
// change.
//
//  1. The empty target gets the source's identity and the mark "moving", with which no
//     server opens it.
//  2. The audit log is copied in batches by id. A later run goes on after the newest one.
//  3. One transaction copies all other tables, compares the counts and SHA-256 sums of
//     all tables, and removes the mark.
//
// A target with the same identity and without the mark is a complete copy. It may be in
// use already, so it is only compared.
type move struct {
	ctx      context.Context
	from, to *end
	source   tx // one instant of the source
	moved    Moved
}

// An end is one of the two databases.
type end struct {
	engine engine
	db     *database
	name   string
}

// Move copies everything from one database to another one that is empty or has half a
// copy. The source stays as it is. It is durable when it returns nil; after an error,
// call it again to go on. No server may use the target; the changes of servers that use
// the source wait, and fail after some seconds. Errors: ErrOther, those of Open,
// ErrFull, ErrUnavailable.
func Move(ctx context.Context, from, to Config) (Moved, error) {
	if from.URL == "" {
		if _, err := os.Stat(from.Path); errors.Is(err, fs.ErrNotExist) && !fileExists(newTakeover(from, "").path) {
			return Moved{}, fmt.Errorf("there is no accounts file %q to copy; name the data folder with --data-dir or the database with --accounts", from.Path)
		}
	}
	from.source, to.moving = true, true
	source, err := openEnd(ctx, from)
	if err != nil {
		return Moved{}, err
	}
	target, err := openEnd(ctx, to)
	if err != nil {
		return Moved{}, errors.Join(err, source.db.close())
	}
	m := &move{ctx: ctx, from: source, to: target, moved: Moved{From: source.name, To: target.name}}
	id, err := m.run()
	if err == nil {
		err = markMoved(from, to, id)
	}
	return m.moved, errors.Join(err, target.db.close(), source.db.close())
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func openEnd(ctx context.Context, cfg Config) (*end, error) {
	e, err := newEngine(cfg.withDefaults())
	if err != nil {
		return nil, err
	}
	db, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	name := cfg.Path
	if p, ok := e.(*postgresEngine); ok {
		name = p.name()
	}
	return &end{e, db, name}, nil
}

// run returns the identity of both ends, after it has copied.
func (m *move) run() (id string, err error) {
	source, err := m.look(m.from)
	if err != nil {
		return "", err
	}
	return source.id, m.copyUnlessDone(source)
}

// copyUnlessDone copies, unless the target is a complete copy.
func (m *move) copyUnlessDone(source holding) error {
	has, err := m.look(m.to)
	switch {
	case err != nil:
		return err
	case source.half:
		return fmt.Errorf("%s is half a copy itself; move its source instead", m.from.name)
	case has.id == source.id && !has.half:
		m.moved.Complete = true
		return m.compareCopy()
	case has.id != source.id && (has.half || !has.empty):
		return fmt.Errorf("%s %w; name an empty database", m.to.name, ErrOther)
	}
	return m.locked(func(lock tx) error {
		if err := m.mark(source.id); err != nil {
			return err
		}
		err := m.copyAll(lock)
		if errors.Is(err, errUnequal) { // the source's log was trimmed or edited since an earlier run
			if err = m.target(func(t tx) error { return t.exec("DELETE FROM entries") }); err == nil {
				err = m.copyAll(lock)
			}
		}
		return err
	})
}

// look returns what an end has.
func (m *move) look(at *end) (has holding, err error) {
	err = m.snapshot(at, func(t tx) error { has, err = t.holding(); return err })
	return has, err
}

// snapshot runs do in a transaction that sees one instant.
func (m *move) snapshot(at *end, do func(tx) error) error {
	return seeing(m.ctx, at.engine, at.db, do)
}

// locked runs do while nothing in the source can change.
func (m *move) locked(do func(lock tx) error) error {
	lock, err := m.from.db.write.BeginTx(m.ctx, nil)
	if err != nil {
		return m.from.engine.cause(err)
	}
	defer func() { _ = lock.Rollback() }() // nothing was written
	if err := m.from.engine.begin(m.ctx, lock); err != nil {
		return m.from.engine.cause(err)
	}
	return m.snapshot(m.from, func(t tx) error { // begun after the lock is held, so it sees all changes
		m.source = t
		return do(tx{m.ctx, lock, m.from.engine})
	})
}

// compareCopy compares a complete copy with its source.
func (m *move) compareCopy() error {
	err := m.snapshot(m.from, func(source tx) error {
		m.source = source
		return m.snapshot(m.to, m.compareAll)
	})
	if errors.Is(err, errUnequal) {
		err = fmt.Errorf("%s was copied before, and one of the two has changed since: name an empty database (%w)", m.to.name, err)
	}
	return err
}

// target runs do in a transaction of the target.
func (m *move) target(do func(tx) error) error {
	return within(m.ctx, m.to.engine, m.to.db, func(t tx) (bool, error) { return true, do(t) })
}

// mark gives the target the source's identity, and keeps servers from opening it.
func (m *move) mark(id string) error {
	return m.target(func(t tx) error {
		has, err := t.holding()
		switch {
		case err != nil:
			return err
		case has.half && has.id == id:
			return t.row("SELECT count(*) FROM entries", nil, &m.moved.Before)
		case !has.empty:
			return fmt.Errorf("%s %w; name an empty database", m.to.name, ErrOther)
		}
		if err := t.exec("UPDATE meta SET value = $1 WHERE name = 'id'", id); err != nil {
			return err
		}
		return t.exec("INSERT INTO meta (name, value) VALUES ('moving', '1')")
	})
}

func (m *move) copyAll(lock tx) error {
	if err := m.entries(); err != nil {
		return err
	}
	return m.target(func(t tx) error { return m.finish(t, lock) })
}

// moveBatch is the number of entries in one transaction of the target.
const moveBatch = 1000

// entries copies those that the target lacks.
func (m *move) entries() error {
	for {
		n := 0
		err := m.target(func(t tx) error {
			var newest int64
			if err := t.row("SELECT coalesce(max(id), 0) FROM entries", nil, &newest); err != nil {
				return err
			}
			var err error
			n, err = m.copyRows(t, tableEntries, "WHERE id > $1 ORDER BY id LIMIT $2", newest, moveBatch)
			return err
		})
		if err != nil || n < moveBatch {
			return err
		}
	}
}

// copyRows copies the rows of a query's end and returns their number.
func (m *move) copyRows(to tx, table tableName, end string, args ...any) (n int, err error) {
	var rows batch
	err = m.source.rows(table, end, args, func(row []any) error {
		n++
		return rows.add(to, table, row)
	})
	if err == nil {
		err = rows.flush(to)
	}
	return n, err
}

// finish copies the small tables and compares everything. lock is still held, or the
// source may have changed.
func (m *move) finish(t, lock tx) error {
	has, err := t.holding()
	if err != nil {
		return err
	}
	if has.users || !has.half {
		return fmt.Errorf("%s %w since the copy began; name an empty database", m.to.name, ErrOther)
	}
	for _, table := range []tableName{tableMeta, tableCounters, tableGroups, tableGroupPermissions, tableUsers, tableUserGroups, tableUserPermissions} {
		if err := t.exec("DELETE FROM " + string(table)); err != nil {
			return err
		}
		if _, err := m.copyRows(t, table, ""); err != nil {
			return err
		}
	}
	if err := m.compareAll(t); err != nil {
		return err
	}
	return lock.row("SELECT 1", nil, new(int))
}

// compareAll compares the counts and the sums of all tables.
func (m *move) compareAll(target tx) error {
	counts := map[tableName]int{}
	for _, table := range []tableName{
		tableMeta, tableCounters, tableGroups, tableGroupPermissions, tableUsers, tableUserGroups, tableUserPermissions, tableEntries,
	} {
		n, sum, err := m.source.sum(table)
		if err != nil {
			return err
		}
		there, thereSum, err := target.sum(table)
		if err != nil {
			return err
		}
		if n != there || sum != thereSum {
			return fmt.Errorf("%w in table %s: %d rows with sum %x, and %d with %x", errUnequal, table, there, thereSum[:4], n, sum[:4])
		}
		counts[table] = n
	}
	m.moved.Users, m.moved.Groups, m.moved.Entries = counts[tableUsers], counts[tableGroups], counts[tableEntries]
	return nil
}

// sum returns the number of rows of a table and a sum of all of them.
func (t tx) sum(table tableName) (n int, sum [sha256.Size]byte, err error) {
	columns, keys := table.columns()
	h := sha256.New()
	err = t.rows(table, "ORDER BY "+strings.Join(columns[:keys], ", "), nil, func(row []any) error {
		n++
		for _, v := range row {
			text := fmt.Sprint(v)
			fmt.Fprintf(h, "%d:%s", len(text), text) // with the length, "a", "bc" differs from "ab", "c"
		}
		return nil
	})
	return n, [sha256.Size]byte(h.Sum(nil)), err
}

// rows calls do with each row of a table, all columns, as both databases can store it.
func (t tx) rows(table tableName, end string, args []any, do func([]any) error) error {
	columns, _ := table.columns()
	return t.each("SELECT "+strings.Join(columns, ", ")+" FROM "+string(table)+" "+end, args, func(scan func(...any) error) error {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := scan(into...); err != nil {
			return err
		}
		return do(storable(row))
	})
}
