package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
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
	from, to *database
	source   tx // one instant of the source
	moved    Moved
}

// Move copies everything from one database to another one that is empty or has half a
// copy. The source stays as it is. It is durable when it returns nil; after an error,
// call it again to go on. No server may use the target; the changes of servers that use
// the source wait, and fail after some seconds. Errors: ErrOther, those of Open,
// ErrFull, ErrUnavailable.
func Move(ctx context.Context, from, to Config) (Moved, error) {
	_, gone := os.Stat(from.Path)
	_, oldGone := os.Stat(newTakeover(from, "").path)
	if from.URL == "" && gone != nil && oldGone != nil {
		return Moved{}, fmt.Errorf("there is no accounts file %q to copy; name the data folder with --data-dir or the database with --accounts", from.Path)
	}
	from.source, to.moving = true, true
	source, err := openEnd(ctx, from)
	if err != nil {
		return Moved{}, err
	}
	target, err := openEnd(ctx, to)
	if err != nil {
		return Moved{}, errors.Join(err, source.close())
	}
	m := &move{ctx: ctx, from: source, to: target, moved: Moved{From: source.engine.name(), To: target.engine.name()}}
	has, err := source.holding(ctx)
	if err == nil {
		err = m.copyUnlessDone(has)
	}
	if err == nil {
		err = markMoved(from, to, has.id)
	}
	return m.moved, errors.Join(err, target.close(), source.close())
}

func openEnd(ctx context.Context, cfg Config) (*database, error) {
	e, err := newEngine(cfg.withDefaults())
	if err != nil {
		return nil, err
	}
	return e.open(ctx)
}

// copyUnlessDone copies, unless the target is a complete copy.
func (m *move) copyUnlessDone(source holding) error {
	has, err := m.to.holding(m.ctx)
	switch {
	case err != nil:
		return err
	case source.half:
		return fmt.Errorf("%s is half a copy itself; move its source instead", m.moved.From)
	case has.id == source.id && !has.half:
		m.moved.Complete = true
		return m.compareCopy()
	case has.id != source.id && (has.half || !has.empty):
		return fmt.Errorf("%s %w; name an empty database", m.moved.To, ErrOther)
	}
	return m.locked(func(lock tx) error {
		if err := m.mark(source.id); err != nil {
			return err
		}
		err := m.copyAll(lock)
		if errors.Is(err, errUnequal) { // the source's log was trimmed or edited since an earlier run
			if err = m.target(func(t tx) error { t.exec("DELETE FROM entries"); return nil }); err == nil {
				err = m.copyAll(lock)
			}
		}
		return err
	})
}

// locked runs do while nothing in the source can change.
func (m *move) locked(do func(lock tx) error) error {
	_, err := m.from.writing(m.ctx, func(lock tx) error {
		return m.from.reading(m.ctx, func(t tx) error { // begun after the lock is held, so it sees all changes
			m.source = t
			return do(lock)
		})
	})
	return err
}

// compareCopy compares a complete copy with its source.
func (m *move) compareCopy() error {
	err := m.from.reading(m.ctx, func(source tx) error {
		m.source = source
		return m.to.reading(m.ctx, m.compareAll)
	})
	if errors.Is(err, errUnequal) {
		err = fmt.Errorf("%s was copied before, and one of the two has changed since: name an empty database (%w)", m.moved.To, err)
	}
	return err
}

// target runs do in a transaction of the target.
func (m *move) target(do func(tx) error) error {
	_, err := m.to.writing(m.ctx, do)
	return err
}

// mark gives the target the source's identity, and keeps servers from opening it.
func (m *move) mark(id string) error {
	return m.target(func(t tx) error {
		has := t.holding()
		switch {
		case has.half && has.id == id:
			m.moved.Before = t.count("entries")
			return nil
		case !has.empty:
			return fmt.Errorf("%s %w; name an empty database", m.moved.To, ErrOther)
		}
		t.exec("UPDATE meta SET value = $1 WHERE name = 'id'", id)
		t.exec("INSERT INTO meta (name, value) VALUES ('moving', '1')")
		return nil
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
			newest := t.id("SELECT coalesce(max(id), 0) FROM entries")
			var err error
			n, err = t.copyRows(entriesTable, func(of table, do func([]any)) error {
				return m.source.rows(of, "WHERE id > $1 ORDER BY id LIMIT $2", []any{newest, moveBatch}, do)
			})
			return err
		})
		if err != nil || n < moveBatch {
			return err
		}
	}
}

// finish copies the small tables and compares everything. lock is still held, or the
// source may have changed.
func (m *move) finish(t, lock tx) error {
	if has := t.holding(); has.users || !has.half {
		return fmt.Errorf("%s %w since the copy began; name an empty database", m.moved.To, ErrOther)
	}
	err := t.replace(tables(), func(of table, do func([]any)) error { return m.source.rows(of, "", nil, do) })
	if err != nil {
		return err
	}
	if err := m.compareAll(t); err != nil {
		return err
	}
	value[int](lock, "SELECT 1")
	return lock.out.err
}

// compareAll compares the counts and the sums of all tables.
func (m *move) compareAll(target tx) error {
	counts := map[string]int{}
	for _, table := range append(tables(), entriesTable) {
		n, sum, err := m.source.sum(table)
		if err != nil {
			return err
		}
		there, thereSum, err := target.sum(table)
		if err != nil {
			return err
		}
		if n != there || sum != thereSum {
			return fmt.Errorf("%w in table %s: %d rows with sum %x, and %d with %x", errUnequal, table.name, there, thereSum[:4], n, sum[:4])
		}
		counts[table.name] = n
	}
	m.moved.Users, m.moved.Groups, m.moved.Entries = counts["users"], counts["groups"], counts["entries"]
	return nil
}

// sum returns the number of rows of a table and a sum of all of them.
func (t tx) sum(of table) (n int, sum [sha256.Size]byte, err error) {
	h := sha256.New()
	err = t.rows(of, "ORDER BY "+of.key, nil, func(row []any) {
		n++
		for _, v := range storable(row) {
			text := fmt.Sprint(v)
			fmt.Fprintf(h, "%d:%s", len(text), text) // with the length, "a", "bc" differs from "ab", "c"
		}
	})
	return n, [sha256.Size]byte(h.Sum(nil)), err
}
