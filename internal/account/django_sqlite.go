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

// A djangoDB is a project's SQLite file, open for reading.
type djangoDB struct {
	ctx  context.Context // ends the reading
	db   *sql.DB
	conn *sql.Conn
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
	d := &djangoDB{ctx, db, conn, most}
	if _, err := sqlite.Limit(conn, sqlite3.SQLITE_LIMIT_LENGTH, maxDjangoRow); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close closes the file.
func (d *djangoDB) Close() error { return errors.Join(d.conn.Close(), d.db.Close()) }

// djangoURI returns the file's name as a URI with options. A relative path would begin with
// a host.
func djangoURI(path string) (string, error) {
	path, err := filepath.Abs(path)
	return sqliteURI(path, djangoOptions), err
}

// hasColumns reports whether there is a table with at least these columns. It ignores views
// and virtual tables, which can be made to compute forever.
func (d *djangoDB) hasColumns(table string, columns []string) (bool, error) {
	found := 0
	err := d.conn.QueryRowContext(d.ctx, "SELECT count(*) FROM sqlite_schema AS s, pragma_table_info(s.name) AS c "+
		"WHERE s.type = 'table' AND s.rootpage > 0 AND s.name = ? AND c.name IN ('"+strings.Join(columns, "', '")+"')", table).Scan(&found)
	return found == len(columns), err
}

// errPages is returned when a table's pages contradict each other.
var errPages = errors.New("its pages are damaged")

// check checks all pages of a table before its rows are read. It finds lost rows, cycles of
// pages, and bytes that belong to two rows, by which a small file would become large in
// memory.
func (d *djangoDB) check(table string) error {
	said, err := pragma(d.ctx, d.conn, "quick_check("+table+")")
	switch {
	case err != nil:
		return fmt.Errorf("table %s: %w", table, err)
	case said != "ok":
		return fmt.Errorf("table %s: %w: %s", table, errPages, said)
	}
	return nil
}

// each calls read with each row of a table in the order of row ids. It ignores the indexes,
// which may be damaged.
func (d *djangoDB) each(table, columns string, read func(*sql.Rows) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("table %s: %w", table, err)
		}
	}()
	rows, err := d.conn.QueryContext(d.ctx, "SELECT "+columns+" FROM "+table+" NOT INDEXED ORDER BY rowid")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // reading has nothing to lose
	for rows.Next() {
		if d.left--; d.left < 0 {
			return fmt.Errorf("%w: the project has too many users, groups and permissions", ErrFull)
		}
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// notSQLite reports whether err means that the file is not a database, or a damaged one.
func notSQLite(err error) bool {
	code := sqliteCode(err)
	return code == sqlite3.SQLITE_NOTADB || code == sqlite3.SQLITE_CORRUPT || errors.Is(err, errPages)
}
