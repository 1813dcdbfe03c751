package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pagesession/internal/disk"
)

// snapshotTime bounds the copy of a million audit entries on a slow disk.
const snapshotTime = 5 * time.Minute

// Snapshot writes all of the accounts to a new SQLite file at path, durably, with mode 0600.
// The copy has one instant of the database, and changes go on meanwhile. After an error there
// is no file. Errors: ErrFull, ErrUnavailable, ErrClosed, ErrNewerFormat.
func (s *Store) Snapshot(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, snapshotTime)
	defer cancel()
	err := s.transact(ctx, func(ctx context.Context, db *database) error { return db.engine.snapshot(ctx, db, path) })
	if err == nil {
		return nil
	}
	for _, part := range sqliteParts {
		if gone := os.Remove(path + part); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return fmt.Errorf("copy the accounts: %w", err)
}

// snapshot makes SQLite write the copy.
func (e *sqliteEngine) snapshot(ctx context.Context, db *database, path string) (err error) {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return e.cause(err)
	}
	defer func() { _ = conn.Close() }() // back to the pool
	defer func() {
		_, failed := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only(1)")
		err = errors.Join(err, failed)
	}()
	return e.copyTo(ctx, conn, path)
}

// snapshot copies the tables into a new SQLite file, in one transaction on each side. It needs
// to know all tables, so it refuses those of a newer version.
func (e *postgresEngine) snapshot(ctx context.Context, db *database, path string) error {
	now, err := schemaVersion(ctx, db.read)
	if err != nil {
		return e.cause(err)
	}
	if now > newestSchema {
		return fmt.Errorf("the database %w", newerSchema(ctx, db.read, now, newestSchema))
	}
	target, err := openEnd(ctx, Config{Path: path, moving: true})
	if err != nil {
		return err
	}
	m := &move{ctx: ctx, from: db, to: target}
	err = db.reading(ctx, func(t tx) error {
		m.source = t
		return m.target(m.copyEverything)
	})
	if err = errors.Join(err, target.close()); err != nil {
		return err
	}
	return syncFile(path)
}

// copyEverything copies all tables at once, and compares them.
func (m *move) copyEverything(t tx) error {
	err := t.replace(append(tables(), entriesTable), func(of table, do func([]any)) error { return m.source.rows(of, "", nil, do) })
	if err != nil {
		return err
	}
	return m.compareAll(t)
}

// A Copied says what a copy has.
type Copied struct {
	Users   int
	Entries int // of the audit log
}

// PrepareCopy makes a file of Snapshot ready to be used as the accounts again: it checks all of
// it, brings its tables to this version, ends all sessions and unfinished sign-ins of its users,
// and adds an audit entry. Errors: ErrDamaged, ErrNewerFormat, ErrFull; the file is of no use
// then.
func PrepareCopy(ctx context.Context, path string, now time.Time, by Actor, done Event) (has Copied, err error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	if path, err = filepath.Abs(path); err != nil { // as newSQLite
		return Copied{}, err
	}
	e := &sqliteEngine{path: path, log: slog.New(slog.DiscardHandler)}
	err = guarded(func() error {
		db, err := e.connect(path)
		if err != nil {
			return err
		}
		err = e.prepare(ctx, db, true)
		if err == nil {
			has, err = db.restored(ctx, now, by, done)
		}
		return errors.Join(err, db.close())
	})
	if errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrDamaged) { // SQLite does not always say that the disk is full
		err = fmt.Errorf("%w; check the disk, make room and try again", err)
	}
	if err != nil {
		return Copied{}, withoutCure{err, path}
	}
	return has, syncFile(path)
}

// A withoutCure is an error about a copy. To restore a backup, as damaged says, is what the caller
// does.
type withoutCure struct {
	error
	path string
}

func (e withoutCure) Error() string {
	return strings.TrimSuffix(e.error.Error(), damagedCure(e.path))
}

func (e withoutCure) Unwrap() error { return e.error }

// restored ends the sessions of all users. A session that began after the copy was made may
// have a later epoch than the copy. An epoch grows by one at a change, so the time in seconds is
// always ahead.
func (db *database) restored(ctx context.Context, now time.Time, by Actor, done Event) (has Copied, err error) {
	_, err = db.writing(ctx, func(t tx) error {
		if t.holding().half {
			return fmt.Errorf("the accounts in it %w: they are half copied", ErrDamaged)
		}
		t.exec("UPDATE users SET epoch = CASE WHEN epoch < $1 THEN $1 ELSE epoch + 1 END", now.Unix())
		c := &change{tx: t, actor: by, at: now.UTC().Truncate(time.Microsecond), keep: retention{maxEntries, maxFailures}}
		c.audit(done)
		has = Copied{t.count("users"), t.count("entries")}
		return nil
	})
	return has, err
}

// syncFile makes a closed file durable.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// copyTo writes a copy of the database to a new file, durably. SQLite leaves the mode of
// an existing empty file alone.
func (e *sqliteEngine) copyTo(ctx context.Context, conn *sql.Conn, path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := disk.Create(path, nil); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only(0)"); err != nil { // it may be one for reading
		return e.cause(err)
	}
	if _, err := conn.ExecContext(ctx, "VACUUM INTO $1", path); err != nil {
		return e.cause(err)
	}
	return syncFile(path)
}
