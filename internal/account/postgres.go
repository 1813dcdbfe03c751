package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

const (
	// postgresConns bounds the connections of one server.
	postgresConns = 8
	// changeLock is the advisory lock of changes; its value has no meaning.
	changeLock = 0x7061676573657373
	// changesChannel is the channel on which changes are notified.
	changesChannel = "pagesession_accounts"
	// connectTime bounds one attempt to connect.
	connectTime = 2 * time.Second
)

// A postgresEngine is the engine of a PostgreSQL database.
type postgresEngine struct {
	config *pgx.ConnConfig
	log    *slog.Logger
	old    takeover
}

// newPostgres parses the URL, with libpq's environment variables and password file for
// what it lacks. Statements are not prepared, because a pooler between may give each
// transaction another connection.
func newPostgres(cfg Config) (engine, error) {
	config, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("the address of the accounts database: %w", err) // pgx leaves the password out
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnectTimeout = connectTime
	config.RuntimeParams["application_name"] = "pagesession"
	e := &postgresEngine{config: config, log: cfg.Logger}
	e.old = newTakeover(cfg, e.name())
	return e, nil
}

func (e *postgresEngine) open(ctx context.Context) (*database, error) {
	pool := stdlib.OpenDB(*e.config)
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	pool.SetConnMaxIdleTime(time.Minute)
	if err := e.migrate(ctx, pool); err != nil {
		return nil, errors.Join(e.cause(err), pool.Close())
	}
	db := &database{write: pool, read: pool}
	if err := e.old.run(ctx, e, db); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

// migrate holds the lock of changes meanwhile, so one server does it and the others wait.
func (e *postgresEngine) migrate(ctx context.Context, pool *sql.DB) error {
	lock, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Rollback() }()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(changeLock)); err != nil {
		return err
	}
	return migrate(ctx, pool, goose.DialectPostgres)
}

func (e *postgresEngine) check(ctx context.Context, db *database, _ error) error {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	if err := db.read.PingContext(ctx); err != nil {
		return e.cause(err)
	}
	return nil
}

// begin takes the lock of changes, so changes are one after the other on all servers, and
// announces the change to them. The announcement is made at the commit.
func (e *postgresEngine) begin(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(changeLock)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_notify($1, '')", changesChannel)
	return err
}

func (e *postgresEngine) committed(context.Context, *database) {}

// watch listens on a connection of its own. A connection may die in silence, so the
// cache of Valid does not rely on it.
func (e *postgresEngine) watch(ctx context.Context, changed func()) {
	for ctx.Err() == nil {
		_ = e.listen(ctx, changed) // check says why
		changed()
		select {
		case <-ctx.Done():
		case <-time.After(keeperTick):
		}
	}
}

func (e *postgresEngine) listen(ctx context.Context, changed func()) error {
	conn, err := pgx.ConnectConfig(ctx, e.config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+changesChannel); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		changed()
	}
}

// postgresFull is the class of errors of a full disk or another exhausted resource.
const postgresFull = "53100"

func (e *postgresEngine) cause(err error) error {
	if errors.Is(err, ErrNewerFormat) {
		return fmt.Errorf("accounts database %q %w", e.name(), err)
	}
	var from *pgconn.PgError
	if errors.As(err, &from) && from.Code == postgresFull {
		return fmt.Errorf("%w: accounts database %q: %w", ErrFull, e.name(), err)
	}
	return unavailable(fmt.Errorf("accounts database %q: %w", e.name(), err))
}

// name names the database without the user and the password.
func (e *postgresEngine) name() string {
	return fmt.Sprintf("postgres://%s:%d/%s", e.config.Host, e.config.Port, e.config.Database)
}
