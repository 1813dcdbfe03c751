package account

import (
	"context"
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
