package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Bounds for a file that may be hostile.
const (
	// maxDjangoRow bounds the bytes of one row; a Django user takes some hundred.
	maxDjangoRow = 1 << 20
	// maxDjangoRows bounds the rows of all tables: 100 for each of MaxUsers.
	maxDjangoRows = 1_000_000
	// djangoReadTime bounds the reading of a file that is made to take forever.
	djangoReadTime = time.Minute
	// djangoWriteTime bounds the one transaction of an import. MaxUsers take some
	// seconds, in which other changes wait.
	djangoWriteTime = time.Minute
)

// djangoOptions make SQLite read only. With immutable it takes no lock, creates no -shm
// file, and ignores a journal, which WatchDjango checks. With trusted_schema(0) it does
// not call functions that the file's schema names.
const djangoOptions = "mode=ro&immutable=1&_query_only=1&_defensive=1&_pragma=trusted_schema(0)&_pragma=temp_store(memory)"

// A djangoDB is a project's SQLite file, open for reading. It has one connection, because
// the limit of a row's length is that of a connection.
type djangoDB struct {
	*sql.Conn
	ctx  context.Context // ends the reading
	db   *sql.DB
	left int // rows that may still be read
}

func openDjango(ctx context.Context, path string, most int) (*djangoDB, error) {
	uri, err := djangoURI(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d := &djangoDB{conn, ctx, db, most}
	if _, err := sqlite.Limit(conn, sqlite3.SQLITE_LIMIT_LENGTH, maxDjangoRow); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close closes the file.
func (d *djangoDB) Close() error { return errors.Join(d.Conn.Close(), d.db.Close()) }

// djangoURI returns the file's name as a URI with options. A relative path would begin with
// a host.
func djangoURI(path string) (string, error) {
	path, err := filepath.Abs(path)
	return sqliteURI(path, djangoOptions), err
}

// recognize returns ErrNotDjango unless there is such a table with at least its columns. It
// ignores views and virtual tables, which can be made to compute forever.
func (d *djangoDB) recognize(t djangoTable) error {
	columns, found := strings.Split(strings.ReplaceAll(t.columns, "+", ""), ", "), 0
	err := d.QueryRowContext(d.ctx, "SELECT count(*) FROM sqlite_schema AS s, pragma_table_info(s.name) AS c "+
		"WHERE s.type = 'table' AND s.rootpage > 0 AND s.name = ? AND c.name IN ('"+strings.Join(columns, "', '")+"')", t.name).Scan(&found)
	if err == nil && found < len(columns) {
		err = fmt.Errorf("%w: table %s with Django's columns is missing", ErrNotDjango, t.name)
	}
	return err
}

// errPages is returned when a table's pages contradict each other.
var errPages = errors.New("its pages are damaged")

// check checks all pages of a table before its rows are read. It finds lost rows, cycles of
// pages, and bytes that belong to two rows, by which a small file would become large in
// memory.
func (d *djangoDB) check(t djangoTable) error {
	said, err := pragma(d.ctx, d, "quick_check("+t.name+")")
	if err == nil && said != "ok" {
		err = fmt.Errorf("%w: %s", errPages, said)
	}
	return t.named(err)
}

// each reads each row of a table in the order of row ids. It ignores the indexes, which may
// be damaged.
func (d *djangoDB) each(t djangoTable) error {
	rows, err := d.QueryContext(d.ctx, "SELECT "+t.columns+" FROM "+t.name+" NOT INDEXED ORDER BY rowid")
	if err != nil {
		return t.named(err)
	}
	defer func() { _ = rows.Close() }() // reading has nothing to lose
	for rows.Next() {
		if d.left--; d.left < 0 {
			return fmt.Errorf("%w: the project has too many users, groups and permissions", ErrFull)
		}
		if err := t.read(rows); err != nil {
			return t.named(err)
		}
	}
	return t.named(rows.Err())
}

// named returns an error with the table's name.
func (t djangoTable) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("table %s: %w", t.name, err)
}

// notSQLite reports whether err means that the file is not a database, or a damaged one.
func notSQLite(err error) bool {
	code := sqliteCode(err)
	return code == sqlite3.SQLITE_NOTADB || code == sqlite3.SQLITE_CORRUPT || errors.Is(err, errPages)
}
