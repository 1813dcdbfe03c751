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
	"regexp"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"pagesession/internal/disk"
)

// sqliteParts are the ends of the names of a SQLite database's files. They are renamed in
// this order: a log that stays behind alone would be taken for the log of the next file.
var sqliteParts = [...]string{"-wal", "-shm", ""}

const (
	damagedMark = ".damaged-" // and the time, in the name of a damaged file
	freshMark   = ".new-"     // and a number, in the name of a file that is being made
	damagedTime = "20060102T150405Z"
)

// mostChecked is the size up to which a file is checked as a whole before it is used, in
// a tenth of a second. A larger one is used meanwhile, if the last stop was clean.
const mostChecked = 4 << 20

// smallestFile is SQLite's smallest page. SQLite takes a shorter file for a new one.
const smallestFile = 512

// make creates a missing file. It refuses while a damaged file waits for a person, so that
// an attacker cannot become the first superuser by damaging the file.
func (e *sqliteEngine) make(ctx context.Context) error {
	info, err := os.Stat(e.path)
	switch {
	case err == nil && info.Size() < smallestFile:
		return errors.Join(damaged(e.path, fmt.Errorf("it has only %d bytes", info.Size())), e.moveAside())
	case err == nil:
		e.tighten(info)
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("accounts file: %w", err)
	}
	if aside, _ := filepath.Glob(globQuoted(e.path) + damagedMark + "*Z"); len(aside) > 0 {
		return fmt.Errorf("accounts file %q %w and was moved to %q: restore a backup as %q, or move the damaged file and accounts.db to another folder to begin with new operators",
			e.path, ErrDamaged, aside[len(aside)-1], filepath.Base(e.path))
	}
	if err := e.old.mayBegin(); err != nil {
		return err
	}
	if err := e.makeNew(ctx); err != nil {
		return fmt.Errorf("create accounts file %q: %w", e.path, err)
	}
	return nil
}

// makeNew creates the file under another name first, so a file without tables is always a
// damaged one. It links the file to its name, because a rename would replace a file that
// another process has created in the meantime.
func (e *sqliteEngine) makeNew(ctx context.Context) error {
	f, err := os.CreateTemp(filepath.Dir(e.path), filepath.Base(e.path)+freshMark+"*") // mode 0600
	if err != nil {
		return err
	}
	fresh := f.Name()
	defer func() { _ = os.Remove(fresh) }()
	if err := f.Close(); err != nil {
		return err
	}
	db, err := e.connect(fresh)
	if err != nil {
		return err
	}
	if err := errors.Join(migrate(ctx, db.write, goose.DialectSQLite3), db.close()); err != nil {
		return err
	}
	if err := linkNew(fresh, e.path); err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(e.path))
}

// removeLeft removes what an earlier process has left half made of the file at path. A young
// one may be that of a process that runs.
func removeLeft(path string) {
	left, _ := filepath.Glob(globQuoted(path) + freshMark + "*")
	for _, fresh := range left {
		if info, err := os.Lstat(fresh); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > 2*openTime {
			_ = os.Remove(fresh) // the next start tries again
		}
	}
}

// linkNew gives a new file its name, unless there is one of this name. A file system without
// links gets a rename.
func linkNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(from, to)
}

// globQuoted escapes the characters of a pattern.
func globQuoted(path string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(path)
}

// verify checks the pages of the tables of users and groups, or those of the whole file.
func (e *sqliteEngine) verify(ctx context.Context, db *database, whole bool) error {
	if err := e.sized(ctx, db); err != nil {
		return err
	}
	var made bool
	if err := db.read.QueryRowContext(ctx, "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'meta'").Scan(&made); err != nil {
		return e.cause(err)
	}
	if !made {
		return damaged(e.path, errors.New("it is not an accounts file"))
	}
	if whole {
		return e.integrity(ctx, db, "integrity_check(1)")
	}
	for _, table := range tables() {
		if err := e.verifyTable(ctx, db, table.name); err != nil {
			return err
		}
	}
	return nil
}

// verifyTable checks the pages of a table, unless it is one that an earlier version did not have.
func (e *sqliteEngine) verifyTable(ctx context.Context, db *database, name string) error {
	var made bool
	if err := db.read.QueryRowContext(ctx, "SELECT count(*) > 0 FROM sqlite_schema WHERE name = $1", name).Scan(&made); err != nil {
		return e.cause(err)
	}
	if !made {
		return nil
	}
	return e.integrity(ctx, db, "integrity_check("+name+")")
}

// sized finds a file that was cut. Its tables may be whole up to the cut.
func (e *sqliteEngine) sized(ctx context.Context, db *database) error {
	var pages int64
	if err := db.write.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&pages); err != nil {
		return e.cause(err)
	}
	info, err := os.Stat(e.path)
	if err != nil {
		return fmt.Errorf("accounts file: %w", err)
	}
	if pages == 0 || info.Size() < pages && !e.logged() {
		return damaged(e.path, fmt.Errorf("it has %d bytes and should have %d", info.Size(), pages))
	}
	return nil
}

// logged reports whether the log has changes that are not in the file yet.
func (e *sqliteEngine) logged() bool {
	info, err := os.Stat(e.path + "-wal")
	return err == nil && info.Size() > 0
}

func (e *sqliteEngine) integrity(ctx context.Context, db *database, check string) error {
	said, err := pragma(ctx, db.read, check)
	switch {
	case err != nil:
		return e.cause(err)
	case said == "ok":
		return nil
	case failedRead.MatchString(said):
		return unavailable(fmt.Errorf("accounts file %q: the disk fails to read it: %s", e.path, said))
	}
	return damaged(e.path, errors.New(said))
}

// pragma returns what a PRAGMA says, in one line. db is a *sql.DB or a *sql.Conn.
func pragma(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, name string) (said string, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA "+name).Scan(&said)
	return strings.Join(strings.Fields(said), " "), err
}

// failedRead matches what integrity_check says of a page that the disk failed to read:
// SQLITE_IOERR_READ and SQLITE_IOERR_CORRUPTFS.
var failedRead = regexp.MustCompile(`error code[ =](266|8458)\b`)

// errOnlyHere is returned for a vanished file that could not be written again, so its open
// connection must stay open.
var errOnlyHere = errors.New("could not be written again")

// check compares the file at the path with the open one. After a failure it also checks
// the pages.
func (e *sqliteEngine) check(ctx context.Context, db *database, failed error) error {
	now, err := os.Stat(e.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := e.rescue(ctx, db); err != nil {
			return fmt.Errorf("accounts file %q vanished and %w: %w", e.path, errOnlyHere, err)
		}
		return fmt.Errorf("accounts file %q vanished; it was written again", e.path)
	case err != nil:
		return fmt.Errorf("accounts file: %w", err)
	case !os.SameFile(now, db.file):
		return fmt.Errorf("accounts file %q was replaced by another one", e.path)
	case db.unverified:
		db.unverified = false
		err = e.verify(ctx, db, true)
	case failed != nil || now.Size() < db.file.Size():
		err = e.verify(ctx, db, errors.Is(failed, ErrDamaged))
	}
	e.doubt = errors.Is(err, ErrDamaged)
	if err == nil && e.logged() {
		e.committed(ctx, db)
	}
	return err
}

// rescue writes a vanished file, which is still open, to its name again. It takes the
// connection for changes, so no change is made to the old file until the caller has closed
// the database. If that one is lost, there can be no change: a new one finds no file.
func (e *sqliteEngine) rescue(ctx context.Context, db *database) error {
	if db.held == nil {
		if conn, err := db.write.Conn(ctx); err == nil {
			db.held = conn
		}
	}
	fresh := e.path + freshMark + "rescued"
	if err := e.copyTo(ctx, db.spare, fresh); err != nil {
		return err
	}
	for _, part := range sqliteParts { // the copy has what is in the log of the old file
		if err := os.Remove(e.path + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return disk.Rename(fresh, e.path)
}

// tighten sets mode 0600 on a file with a wider mode, such as one restored from a backup.
// It uses the path: to close a descriptor of the file would drop SQLite's locks.
func (e *sqliteEngine) tighten(info fs.FileInfo) {
	if !disk.OthersCanRead(info) {
		return
	}
	file, mode := slog.String("file", e.path), slog.String("mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	for _, part := range sqliteParts {
		if err := os.Chmod(e.path+part, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			e.log.Error("other users can read the accounts file, with its password hashes; chmod 600 it", file, mode, slog.Any("error", err))
			return
		}
	}
	e.log.Warn("other users could read the accounts file, with its password hashes; its mode is 0600 now", file, mode)
}
