package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"
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
	// answered reports whether the database has answered once, so that an opening is worth
	// waiting for.
	answered() bool
	// watch calls changed after changes by other processes, until ctx is done. It may
	// miss some.
	watch(ctx context.Context, changed func())
}

// A database is an open database. Changes have connections of their own, so those that wait
// for each other do not keep reads waiting.
type database struct {
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

// A tx is a running transaction. Its methods return ErrUnavailable or ErrFull for an
// error of the database.
type tx struct {
	ctx    context.Context
	sql    *sql.Tx
	engine engine
}

func (t tx) exec(query string, args ...any) error {
	_, err := t.sql.ExecContext(t.ctx, query, storable(args)...)
	return t.failed(err)
}

// row reads the only row of a query. Without a row the error is ErrNotFound.
func (t tx) row(query string, args []any, into ...any) error {
	err := t.sql.QueryRowContext(t.ctx, query, storable(args)...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return t.failed(err)
}

// each calls read with each row of a query. read may not use the transaction, because the
// connection is busy.
func (t tx) each(query string, args []any, read func(scan func(...any) error) error) error {
	rows, err := t.sql.QueryContext(t.ctx, query, storable(args)...)
	if err != nil {
		return t.failed(err)
	}
	defer func() { _ = rows.Close() }() // reading has nothing to lose
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return t.failed(err)
		}
	}
	return t.failed(rows.Err())
}

// storable replaces what PostgreSQL refuses in a text: zero bytes, and bytes that are not
// UTF-8. No name has the replacement, so such a text finds nothing.
func storable(args []any) []any {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}

func (t tx) failed(err error) error {
	if err == nil {
		return nil
	}
	return t.engine.cause(err)
}

// reading runs do in a transaction that sees one instant of the database.
func (s *Store) reading(ctx context.Context, do func(tx) error) error {
	return s.transact(ctx, func(ctx context.Context, db *database) error {
		return seeing(ctx, s.engine, db, do)
	})
}

// writing runs do in a transaction that excludes all other changes, and commits it. A
// change of nothing costs no commit.
func (s *Store) writing(ctx context.Context, do func(tx) (wrote bool, err error)) error {
	return s.transact(ctx, func(ctx context.Context, db *database) error {
		t, err := db.write.BeginTx(ctx, nil)
		if err != nil {
			return s.engine.cause(err)
		}
		defer func() { _ = t.Rollback() }() // no effect after a commit
		if err := s.engine.begin(ctx, t); err != nil {
			return s.engine.cause(err)
		}
		wrote, err := do(tx{ctx, t, s.engine})
		if err != nil || !wrote {
			return err
		}
		err = t.Commit()
		s.operators.forget() // a failed commit may be done, too
		if err != nil {
			return s.engine.cause(err)
		}
		s.engine.committed(ctx, db)
		return nil
	})
}

// transact runs do with the open database, for at most patience if ctx has no deadline.
// Code of SQLite that was translated from C can fault on a damaged file, which becomes an
// error here.
func (s *Store) transact(ctx context.Context, do func(context.Context, *database) error) (err error) {
	db, err := s.database()
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
