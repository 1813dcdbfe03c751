package onemachine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"syscall"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of ready
)

// longestSocket is the longest path of a folder for PostgreSQL's socket: 107 bytes, less
// the socket's name.
const longestSocket = 85

// database is the name of the database with the operators, and of the role that owns it.
const database = "pagesession"

// startPostgres starts PostgreSQL on a Unix socket in a folder that only its user and root can
// enter, and creates the database.
func (m *Machine) startPostgres(ctx context.Context) error {
	dir := m.path("postgres")
	if len(dir) > longestSocket {
		return fmt.Errorf("the path of folder %q is too long for PostgreSQL's socket; choose a shorter --dir", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := m.initdb(dir); err != nil {
		return err
	}
	program, err := postgresProgram("postgres")
	if err != nil {
		return err
	}
	cmd := exec.Command(program, "-D", dir+"/data", "-c", "listen_addresses=", "-c", "unix_socket_directories="+dir, "-c", "max_connections=60", "-c", "shared_buffers=32MB")
	cmd.Dir, cmd.Env = dir, []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	if err := unprivileged(cmd, dir); err != nil {
		return err
	}
	if m.Postgres, err = m.begin("postgres", dir, syscall.SIGINT, cmd); err != nil {
		return err
	}
	m.Accounts = socketURL(dir, database, database)
	return m.Postgres.await(ctx, func(ctx context.Context) error { return createDatabase(ctx, dir) })
}

// initdb creates PostgreSQL's files, if they are missing.
func (m *Machine) initdb(dir string) error {
	if _, err := os.Stat(dir + "/data/PG_VERSION"); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	program, err := postgresProgram("initdb")
	if err != nil {
		return err
	}
	cmd := exec.Command(program, "--pgdata="+dir+"/data", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions", "--no-sync")
	cmd.Dir, cmd.Env = dir, []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	if err := unprivileged(cmd, dir); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("create PostgreSQL's files: %w: %s; its user has to be able to enter the folder", err, out)
	}
	return nil
}

// createDatabase creates the role and the database, unless they are there.
func createDatabase(ctx context.Context, dir string) error {
	db, err := sql.Open("pgx", socketURL(dir, "postgres", "postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, need := range []struct{ there, create string }{
		{"SELECT count(*) FROM pg_roles WHERE rolname = '" + database + "'", "CREATE ROLE " + database + " LOGIN"},
		{"SELECT count(*) FROM pg_database WHERE datname = '" + database + "'", "CREATE DATABASE " + database + " OWNER " + database},
	} {
		var n int
		if err := db.QueryRowContext(ctx, need.there).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if _, err := db.ExecContext(ctx, need.create); err != nil {
			return err
		}
	}
	return nil
}

func socketURL(dir, user, database string) string {
	q := url.Values{"host": {dir}, "user": {user}}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: q.Encode()}).String()
}
