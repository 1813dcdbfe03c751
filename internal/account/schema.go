package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed" // the schema
	"encoding/hex"
	"fmt"
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
		return fmt.Errorf("%w (schema %d, this version knows up to %d); use that version or a newer one", ErrNewerFormat, now, newest)
	}
	_, err = p.Up(ctx)
	return err
}

// newestSchema is the version of the last step of migrations.
const newestSchema = 3

// migrations returns the steps from an empty database to this version. A released step
// never changes; a new schema is a further step.
func migrations(dialect goose.Dialect) []*goose.Migration {
	words := strings.NewReplacer()
	first := schema
	if dialect == goose.DialectPostgres {
		words, first = postgresWords, schema+postgresFold
	}
	step := func(version int64, statements string, then func(context.Context, *sql.Tx) error) *goose.Migration {
		run := func(ctx context.Context, tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, words.Replace(statements)); err != nil {
				return err
			}
			return then(ctx, tx)
		}
		return goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil)
	}
	done := func(context.Context, *sql.Tx) error { return nil }
	return []*goose.Migration{step(1, first, identify), step(2, secondFactors, done), step(newestSchema, passkeys, done)}
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
