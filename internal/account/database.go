package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"runtime/debug"
	"strings"
	"time"
)

// An engine is a kind of database: a SQLite file, or a PostgreSQL server.
type engine interface {
	// open connects, checks the content and brings the tables to this version.
	open(ctx context.Context) (*database, error)
	// check returns why the database can no longer be used. failed is the error that
	// asked for it; nil for the check of each second.
	check(ctx context.Context, db *database, failed error) error
	// begin prepares a transaction that changes something. From here to its end no
	// other one runs, on any server.
	begin(ctx context.Context, tx *sql.Tx) error
	// committed is called after each change.
	committed(ctx context.Context, db *database)
	// cause translates an error of the driver to ErrFull or ErrUnavailable, with what to do.
	cause(err error) error
	// refuses reports whether an error says that a row cannot be as it is, such as a second one
	// with the same number.
	refuses(err error) bool
	// name names the database for people, without a password.
	name() string
	// answered reports whether the database has answered once, so that an opening is worth
	// waiting for.
	answered() bool
	// watch calls changed after changes by other processes, until ctx is done. It may
	// miss some.
	watch(ctx context.Context, changed func())
	// snapshot writes all of the database to a new SQLite file.
	snapshot(ctx context.Context, db *database, path string) error
}

// A database is an open database. Changes have connections of their own, so those that wait
// for each other do not keep reads waiting.
type database struct {
	engine      engine
	write, read *sql.DB
	file        fs.FileInfo // of a SQLite file, as it was opened
	unverified  bool        // the SQLite file was not checked as a whole yet
	spare       *sql.Conn   // reads a SQLite file also after it lost its name; nil
	held        *sql.Conn   // keeps changes off a lost file until close; nil
}

func (db *database) close() error {
	var errs []error
	if db.spare != nil {
		errs = append(errs, db.spare.Close())
	}
	errs = append(errs, db.read.Close(), db.write.Close()) // the last one tidies the log of a SQLite file
	if db.held != nil {
		errs = append(errs, db.held.Close())
	}
	return errors.Join(errs...)
}

// reading runs do in a transaction that sees one instant of the database.
func (db *database) reading(ctx context.Context, do func(tx) error) error {
	t, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return db.engine.cause(err)
	}
	defer func() { _ = t.Rollback() }() // nothing was written
	return tx{ctx, t, db.engine, &outcome{}}.run(do)
}

// writing runs do in a transaction that excludes all other changes, and commits it. A
// change of nothing costs no commit. wrote reports whether something may be changed, also
// after a commit that failed.
func (db *database) writing(ctx context.Context, do func(tx) error) (wrote bool, err error) {
	t, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return false, db.engine.cause(err)
	}
	defer func() { _ = t.Rollback() }() // no effect after a commit
	if err := db.engine.begin(ctx, t); err != nil {
		return false, db.engine.cause(err)
	}
	out := &outcome{}
	if err := (tx{ctx, t, db.engine, out}).run(do); err != nil || !out.wrote {
		return false, err
	}
	if err := t.Commit(); err != nil {
		return true, db.engine.cause(err)
	}
	db.engine.committed(ctx, db)
	return true, nil
}

// A tx is a running transaction. After the first error of the database all its methods do
// nothing and find nothing, and the transaction ends with that error, whatever the code in
// it made of finding nothing. So only its end has to ask for the error, which is
// ErrUnavailable or ErrFull.
type tx struct {
	ctx    context.Context
	sql    *sql.Tx
	engine engine
	out    *outcome
}

// An outcome is what came of a transaction's statements.
type outcome struct {
	wrote     bool
	err       error                        // the first one
	irregular map[string]map[string]uint64 // what tx.irregular has read, by table
}

// run runs do, and returns the error of the database, or else do's.
func (t tx) run(do func(tx) error) error {
	err := do(t)
	if t.out.err != nil {
		return t.out.err
	}
	return err
}

func (t tx) exec(query string, args ...any) {
	if t.out.err != nil {
		return
	}
	t.out.wrote = true
	_, err := t.sql.ExecContext(t.ctx, query, storable(args)...)
	t.note(err)
}

// row reads the only row of a query, and reports whether there is one.
func (t tx) row(query string, args []any, into ...any) bool {
	if t.out.err != nil {
		return false
	}
	err := t.sql.QueryRowContext(t.ctx, query, storable(args)...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false
	}
	t.note(err)
	return err == nil
}

// value returns the only value of a query, or the zero value.
func value[T any](t tx, query string, args ...any) (v T) {
	t.row(query, args, &v)
	return v
}

// each calls read with each row of a query. read may not use the transaction, because the
// connection is busy.
func (t tx) each(query string, args []any, read func(scan func(...any))) {
	if t.out.err != nil {
		return
	}
	rows, err := t.sql.QueryContext(t.ctx, query, storable(args)...)
	if err != nil {
		t.note(err)
		return
	}
	defer func() { _ = rows.Close() }() // reading has nothing to lose
	for t.out.err == nil && rows.Next() {
		read(func(into ...any) { t.note(rows.Scan(into...)) })
	}
	t.note(rows.Err())
}

// note keeps the first error of the database.
func (t tx) note(err error) {
	if err != nil && t.out.err == nil {
		t.out.err = t.engine.cause(err)
	}
}

// storable changes values to what both databases take: whole numbers, 0 or 1 for a flag,
// microseconds for a time and nil for the zero one, and texts. PostgreSQL refuses zero bytes
// in a text, and bytes that are not UTF-8. No name has their replacement, so such a text
// finds nothing.
func storable(args []any) []any {
	for i, arg := range args {
		if at, ok := arg.(time.Time); ok {
			if args[i] = at.UnixMicro(); at.IsZero() {
				args[i] = nil
			}
			continue
		}
		switch v := reflect.ValueOf(arg); v.Kind() {
		case reflect.String:
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(v.String(), "\uFFFD"), "\x00", "\uFFFD")
		case reflect.Uint64:
			args[i] = int64(v.Uint())
		case reflect.Bool:
			args[i] = int64(0)
			if v.Bool() {
				args[i] = int64(1)
			}
		}
	}
	return args
}

// reading is database.reading for the open database.
func (s *Store) reading(ctx context.Context, do func(tx) error) error {
	return s.transact(ctx, func(ctx context.Context, db *database) error { return db.reading(ctx, do) })
}

// writing is database.writing for the open database.
func (s *Store) writing(ctx context.Context, do func(tx) error) error {
	return s.transact(ctx, func(ctx context.Context, db *database) error {
		wrote, err := db.writing(ctx, do)
		if wrote {
			s.operators.forget()
		}
		return err
	})
}

// transact runs do with the open database, for at most patience if ctx has no deadline.
// Code of SQLite that was translated from C can fault on a damaged file, which becomes an
// error here.
func (s *Store) transact(ctx context.Context, do func(context.Context, *database) error) (err error) {
	db, err := s.keeper.database()
	if err != nil {
		return err
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(interface{ Addr() uintptr })
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("%w: %v", ErrUnavailable, fault)
		}
		if errors.Is(err, ErrUnavailable) {
			s.keeper.suspect(err)
		}
	}()
	return do(ctx, db)
}
