package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed" // the schema
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed schema.sql
var schema string

//go:embed second_factors.sql
var secondFactors string

//go:embed passkeys.sql
var passkeys string

// postgresWords are the words of the schema that PostgreSQL spells in another way. Text is
// compared byte by byte, as in SQLite.
var postgresWords = strings.NewReplacer("INTEGER", "BIGINT", "TEXT", `TEXT COLLATE "C"`, ") STRICT;", ");")

// postgresFold is fold of sqlite.go: small letters, of all alphabets.
const postgresFold = `CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT lower($1 COLLATE "default") $$;`

// migrate brings the tables to this version. A database of a newer version gets
// ErrNewerFormat and stays as it is. Two processes may not call it at the same time.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect) error {
	p, err := goose.NewProvider(dialect, db, nil, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(migrations(dialect)...))
	if err != nil {
		return err
	}
	now, newest, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if now > newest {
		return newerSchema(ctx, db, now, newest)
	}
	steps, err := p.Up(ctx)
	if err != nil || len(steps) == 0 {
		return err
	}
	return noteProgram(ctx, db)
}

// newestSchema is the version of the last step of migrations.
const newestSchema = 3

// migrations returns the steps from an empty database to this version. A released step
// never changes; a new schema is a further step, which names the oldest version that can use it.
func migrations(dialect goose.Dialect) []*goose.Migration {
	first, done := schema, func(context.Context, *sql.Tx) error { return nil }
	if dialect == goose.DialectPostgres {
		first += postgresFold
	}
	return []*goose.Migration{
		schemaStep(dialect, 1, first, identify), schemaStep(dialect, 2, secondFactors, done), schemaStep(dialect, newestSchema, passkeys, done),
	}
}

// schemaStep returns the step to a version: statements in SQLite's words, then what Go does.
func schemaStep(dialect goose.Dialect, version int64, statements string, then func(context.Context, *sql.Tx) error) *goose.Migration {
	if dialect == goose.DialectPostgres {
		statements = postgresWords.Replace(statements)
	}
	run := func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, statements); err != nil {
			return err
		}
		return then(ctx, tx)
	}
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil)
}

// usableSince returns what a step after the third does in Go: it notes the oldest version that may
// use the tables from now on. A step that only adds tables, or columns with a default, notes
// the version that the step before noted, so that servers of the version before can start
// beside the upgraded ones. Any other step notes its own.
func usableSince(oldest int64) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ('oldest', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
			strconv.FormatInt(oldest, 10))
		return err
	}
}

// usable returns ErrNewerFormat, unless the tables of a newer version say that this version may
// use them. Their other rows and columns stay as they are.
func usable(ctx context.Context, db *sql.DB, now int64) error {
	var oldest int64
	err := db.QueryRowContext(ctx, "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'oldest'").Scan(&oldest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err != nil || oldest > newestSchema {
		return newerSchema(ctx, db, now, newestSchema)
	}
	return nil
}

// identify gives a new database its identity and its key for decoys.
func identify(ctx context.Context, tx *sql.Tx) error {
	for name, size := range map[string]int{"id": 16, "decoy": 32} {
		b := make([]byte, size)
		_, _ = rand.Read(b) // never fails
		if _, err := tx.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2)", name, hex.EncodeToString(b)); err != nil {
			return err
		}
	}
	return nil
}
