package account

import (
	"context"
	"database/sql"
	"errors"

	"github.com/pressly/goose/v3"
)

// MakeSchema makes an empty database with the tables of an earlier version.
func MakeSchema(ctx context.Context, cfg Config, version int64) error {
	e, err := newEngine(cfg.withDefaults())
	if err != nil {
		return err
	}
	var db *database
	dialect := goose.DialectSQLite3
	switch e := e.(type) {
	case *postgresEngine:
		dialect, db = goose.DialectPostgres, &database{engine: e, write: e.pool(1), read: e.pool(1)}
	case *sqliteEngine:
		if err = e.make(ctx); err == nil {
			db, err = e.connect(e.path)
		}
	}
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db.write, nil, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(migrations(dialect)...))
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	return errors.Join(err, db.close())
}

// MakeSchema4 makes an empty PostgreSQL database with the tables of a later version, whose
// step notes the oldest version that may use them; 0 for none.
func MakeSchema4(ctx context.Context, cfg Config, statements string, oldest int64) error {
	e, err := newPostgres(cfg.withDefaults())
	if err != nil {
		return err
	}
	db := e.(*postgresEngine).pool(1)
	note := usableSince(oldest)
	if oldest == 0 {
		note = func(context.Context, *sql.Tx) error { return nil }
	}
	const dialect = goose.DialectPostgres
	all := append(migrations(dialect), schemaStep(dialect, newestSchema+1, statements, note))
	p, err := goose.NewProvider(dialect, db, nil, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(all...))
	if err == nil {
		_, err = p.Up(ctx)
	}
	return errors.Join(err, db.Close())
}

// OpenOnce opens a PostgreSQL database as a server does, without a second attempt.
func OpenOnce(ctx context.Context, cfg Config) error {
	e, err := newPostgres(cfg.withDefaults())
	if err != nil {
		return err
	}
	db, err := e.open(ctx)
	if err != nil {
		return err
	}
	return db.close()
}

// Occupied reports whether a password is being hashed, or the hasher rests.
func (s *Store) Occupied() bool {
	s.hasher.mu.Lock()
	defer s.hasher.mu.Unlock()
	return s.hasher.taken
}

// Rows returns the number of rows of a table.
func (s *Store) Rows(table string) int {
	n, err := read(context.Background(), s, func(t tx) int { return t.count(table) })
	if err != nil {
		panic(err)
	}
	return n
}
