package account

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"pagesession/internal/disk"
)

// fold makes small letters of all alphabets; SQLite's lower knows only ASCII. The schema
// does not use it, so other programs can write to the file.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("fold", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		text, _ := args[0].(string)
		return strings.ToLower(text), nil
	})
}

// sqliteOptions hold for each connection; a PRAGMA by Exec would reach only one. FULL
// syncs the log at each commit. secure_delete overwrites deleted password hashes.
const sqliteOptions = "mode=rw&_pragma=" + busyTimeout + "&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=fullfsync(1)" +
	"&_pragma=checkpoint_fullfsync(1)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=trusted_schema(0)" +
	"&_pragma=journal_size_limit(1048576)&_pragma=temp_store(memory)"

// busyTimeout is how long a change waits for another program's.
const busyTimeout = "busy_timeout(5000)"

// sqliteReaders is the number of connections for reading.
const sqliteReaders = 4

// A sqliteEngine is the engine of a SQLite file.
type sqliteEngine struct {
	path string
	log  *slog.Logger
	old  takeover

	doubt bool // the next opening checks the whole file; only the keeper opens and checks
}

func newSQLite(cfg Config) (engine, error) {
	path, err := filepath.Abs(cfg.Path) // a relative one would begin with a host in a URI
	if err != nil {
		return nil, err
	}
	if kind, remote := disk.IsRemote(filepath.Dir(path)); remote {
		return nil, fmt.Errorf("accounts file %q is on a network file system (%s), where SQLite's log does not work: "+
			"choose a --data-dir on a local disk, or PostgreSQL with --accounts", path, kind)
	}
	return &sqliteEngine{path: path, log: cfg.Logger, old: newTakeover(cfg, path)}, nil
}

func (e *sqliteEngine) open(ctx context.Context) (*database, error) {
	if err := e.make(ctx); err != nil {
		return nil, err
	}
	_, noLog := os.Stat(e.path + "-wal") // a process that has time to close the file removes its log
	db, err := e.connect(e.path)
	if err != nil {
		return nil, err
	}
	whole := noLog == nil || e.doubt || db.file.Size() <= mostChecked
	db.unverified = !whole
	if err := e.prepare(ctx, db, whole); err != nil {
		_ = db.close() // nothing was written but a schema, as a whole
		if errors.Is(err, ErrDamaged) {
			err = e.confirm(ctx, err)
		}
		return nil, err
	}
	e.doubt = false
	removeLeft(e.path)
	if err := e.old.run(ctx, db); err != nil {
		return nil, errors.Join(err, db.close())
	}
	if db.spare, err = db.read.Conn(ctx); err != nil {
		return nil, errors.Join(e.cause(err), db.close())
	}
	return db, nil
}

// connect opens one connection for changes and some for reading.
func (e *sqliteEngine) connect(path string) (*database, error) {
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", sqliteURI(path, sqliteOptions+"&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	read, err := sql.Open("sqlite", sqliteURI(path, sqliteOptions+"&_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	write.SetMaxOpenConns(1)
	read.SetMaxOpenConns(sqliteReaders + 1) // and the spare one
	read.SetMaxIdleConns(sqliteReaders)
	return &database{engine: e, write: write, read: read, file: file}, nil
}

// sqliteURI escapes ?, % and # in the file's name.
func sqliteURI(path, options string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options}).String()
}

// prepare checks the file and brings its tables to this version. Another process may do
// the same now: the one that comes second fails, and finds all done when it tries again.
func (e *sqliteEngine) prepare(ctx context.Context, db *database, whole bool) error {
	if err := e.verify(ctx, db, whole); err != nil {
		return err
	}
	err := migrate(ctx, db.write, goose.DialectSQLite3)
	if err != nil && !errors.Is(err, ErrNewerFormat) {
		err = migrate(ctx, db.write, goose.DialectSQLite3)
	}
	if err != nil {
		return e.cause(err)
	}
	e.committed(ctx, db)
	return nil
}

// begin does nothing: the connection for changes begins with BEGIN IMMEDIATE, since a
// transaction that reads first and then writes gets BUSY at once.
func (e *sqliteEngine) begin(context.Context, *sql.Tx) error { return nil }

// committed moves the change from the log to the file and empties the log. SQLite takes a
// damaged log for a shorter one, which would undo changes in silence. While another
// program reads, the log stays; check tries again each second. If ctx has ended, check or
// the last connection, when it closes, does it.
func (e *sqliteEngine) committed(ctx context.Context, db *database) {
	if err := e.emptyLog(ctx, db); err != nil && ctx.Err() == nil {
		e.log.Warn("the log of the accounts file could not be moved into it; it is tried again each second",
			slog.String("file", e.path+"-wal"), slog.Any("error", err))
	}
}

// emptyLog does not wait for readers, because the change is done and its answer waits.
func (e *sqliteEngine) emptyLog(ctx context.Context, db *database) error {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // back to the pool
	_, busy := conn.ExecContext(ctx, "PRAGMA busy_timeout(0)")
	_, emptied := conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	// Also after the end of ctx, because the next change on this connection waits for others.
	_, restored := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA "+busyTimeout)
	return errors.Join(busy, emptied, restored)
}

// answered is always true: a file needs no answer.
func (e *sqliteEngine) answered() bool { return true }

func (e *sqliteEngine) name() string { return e.path }

// watch does nothing, since SQLite does not tell of changes.
func (e *sqliteEngine) watch(context.Context, func()) {}

// cause translates SQLite's error. A full disk is often reported as an error of a sync.
func (e *sqliteEngine) cause(err error) error {
	if errors.Is(err, ErrNewerFormat) {
		return fmt.Errorf("accounts file %q %w", e.path, err)
	}
	switch sqliteCode(err) {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: accounts file %q: %w", ErrFull, e.path, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return unavailable(damaged(e.path, err))
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return unavailable(fmt.Errorf("accounts file %q is locked by another program; end its transaction: %w", e.path, err))
	default:
		return unavailable(fmt.Errorf("accounts file %q: %w", e.path, err))
	}
}

// refuses reports whether an error says that a row cannot be as it is.
func (e *sqliteEngine) refuses(err error) bool { return sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT }

// sqliteCode returns the primary code of SQLite's error, or 0 for another error.
func sqliteCode(err error) int {
	var from *sqlite.Error
	if !errors.As(err, &from) {
		return 0
	}
	return from.Code() & 0xff // the other bits say where SQLite found it
}

func unavailable(why error) error {
	if errors.Is(why, ErrUnavailable) {
		return why
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, why)
}

func damaged(path string, why error) error {
	return fmt.Errorf("accounts file %q %w: %w%s", path, ErrDamaged, why, damagedCure(path))
}

func damagedCure(path string) string {
	return fmt.Sprintf("; restore a backup as %q", filepath.Base(path))
}
