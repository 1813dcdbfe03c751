package account

import (
	"cmp"
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

const (
	// postgresReaders and postgresWriters bound the connections of one server.
	postgresReaders = 6
	postgresWriters = 2
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
	old    takeover
	prompt bool        // begin sets promptly; Move's transactions are long
	exact  bool        // the tables must be of this version, since Move copies all of them
	heard  atomic.Bool // the server has answered
}

// newPostgres parses the URL, with libpq's environment variables and password file for
// what it lacks. Statements are not prepared, because a pooler between may give each
// transaction another connection. MD5 of a password is refused: PostgreSQL has replaced it by
// SCRAM, and a false server could try passwords on it. require_auth in the URL allows it.
func newPostgres(cfg Config) (engine, error) {
	config, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("the address of the accounts database: %w", err) // pgx leaves the password out
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnectTimeout = connectTime
	config.RequireAuth = cmp.Or(config.RequireAuth, "!md5")
	config.RuntimeParams["application_name"] = "pagesession"
	e := &postgresEngine{config: config, prompt: !cfg.moving && !cfg.source, exact: cfg.moving || cfg.source}
	e.old = newTakeover(cfg, e.name())
	return e, nil
}

func (e *postgresEngine) open(ctx context.Context) (*database, error) {
	db := &database{engine: e, write: e.pool(postgresWriters), read: e.pool(postgresReaders)}
	if err := e.migrate(ctx, db); err != nil {
		return nil, errors.Join(e.cause(err), db.close())
	}
	if err := e.old.run(ctx, db); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

func (e *postgresEngine) pool(conns int) *sql.DB {
	pool := stdlib.OpenDB(*e.config)
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(time.Minute)
	return pool
}

func (e *postgresEngine) answered() bool { return e.heard.Load() }

// migrate brings the tables to this version. It takes the lock of changes only if it has
// to, since another server may hold it: one server does it and the others wait. Tables of a
// newer version stay as they are.
func (e *postgresEngine) migrate(ctx context.Context, db *database) error {
	now, err := schemaVersion(ctx, db.read)
	if err != nil {
		return err
	}
	e.heard.Store(true)
	switch {
	case now == newestSchema:
		return nil
	case now > newestSchema && !e.exact:
		return usable(ctx, db.read, now)
	}
	lock, err := db.read.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Rollback() }()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(changeLock)); err != nil {
		return err
	}
	return migrate(ctx, db.write, goose.DialectPostgres)
}

// schemaVersion returns the version of the tables; 0 for an empty database.
func schemaVersion(ctx context.Context, db *sql.DB) (now int64, err error) {
	var made bool
	if err := db.QueryRowContext(ctx, "SELECT to_regclass('goose_db_version') IS NOT NULL").Scan(&made); err != nil || !made {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&now)
	return now, err
}

func (e *postgresEngine) check(ctx context.Context, db *database, _ error) error {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	if err := db.read.PingContext(ctx); err != nil {
		return e.cause(err)
	}
	return nil
}

// promptly makes the server end a change whose client has vanished in the middle, because
// it holds the lock of all servers, and one that waits for such a lock. The first bound is
// longer than patience, so it meets only the vanished; the second is shorter, so the
// connection stays usable.
const promptly = "SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL lock_timeout = '3s'; "

// begin takes the lock of changes, so changes are one after the other on all servers, and
// announces the change to them. The announcement is made at the commit.
func (e *postgresEngine) begin(ctx context.Context, tx *sql.Tx) error {
	begin := fmt.Sprintf("SELECT pg_advisory_xact_lock(%d); SELECT pg_notify('%s', '')", int64(changeLock), changesChannel)
	if e.prompt {
		begin = promptly + begin
	}
	_, err := tx.ExecContext(ctx, begin) // without arguments, so it may be several statements
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
	changed() // what changed before it listened
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		changed()
	}
}

// Codes of errors.
const (
	postgresFull   = "53100" // a full disk
	postgresLocked = "55P03" // lock_timeout is over
)

func (e *postgresEngine) cause(err error) error {
	if errors.Is(err, ErrNewerFormat) {
		return fmt.Errorf("accounts database %q %w", e.name(), err)
	}
	var from *pgconn.PgError
	if errors.As(err, &from) && from.Code == postgresFull {
		return fmt.Errorf("%w: accounts database %q: %w", ErrFull, e.name(), err)
	}
	if errors.As(err, &from) && from.Code == postgresLocked {
		return unavailable(fmt.Errorf("accounts database %q is being changed by another server or program; try again: %w", e.name(), err))
	}
	return unavailable(fmt.Errorf("accounts database %q: %w", e.name(), err))
}

// refuses reports whether an error says that a row cannot be as it is: a constraint, or a value
// such as text that is not UTF-8 (classes 23 and 22 of PostgreSQL's codes).
func (e *postgresEngine) refuses(err error) bool {
	var from *pgconn.PgError
	return errors.As(err, &from) && (strings.HasPrefix(from.Code, "23") || strings.HasPrefix(from.Code, "22"))
}

func (e *postgresEngine) name() string {
	return fmt.Sprintf("postgres://%s:%d/%s", e.config.Host, e.config.Port, e.config.Database)
}

// Connection returns the hosts of a URL of PostgreSQL, and whether the connection has TLS and
// checks the server's certificate. PostgreSQL's own variables count as for Open.
func Connection(url string) (hosts []string, verified bool, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, false, err
	}
	hosts, verified = []string{config.Host}, checks(config.TLSConfig)
	for _, next := range config.Fallbacks {
		hosts, verified = append(hosts, next.Host), verified && checks(next.TLSConfig)
	}
	return hosts, verified, nil
}

// checks reports whether a client with these settings checks the server's certificate.
func checks(c *tls.Config) bool {
	return c != nil && (!c.InsecureSkipVerify || c.VerifyPeerCertificate != nil || c.VerifyConnection != nil)
}
