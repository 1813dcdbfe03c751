package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit/unprivileged"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of Database
)

// owner is the role that owns the databases. It has no further rights.
const owner = "pagesession"

// startTime bounds a start. On a busy machine one takes some seconds.
const startTime = time.Minute

// settings make a small server. Without fsync it is several times as fast, and a killed
// server still has everything, because the system keeps what was written. Its default
// collation differs from byte order, as in most databases.
var settings = []string{
	"listen_addresses=", "fsync=off", "shared_buffers=16MB", "max_connections=60", "max_wal_size=64MB", "jit=off",
}

// A Server is a PostgreSQL with its own files. It is safe for concurrent use, except
// Stop, Kill and Start.
type Server struct {
	programs string
	dir      string // has the socket, and the data in "data"
	names    atomic.Int64

	running *unprivileged.Process // nil while it is stopped
}

// New starts a server for one test, which stops it and removes its files at the end.
func New(t testing.TB) *Server {
	t.Helper()
	s := begin(t)
	t.Cleanup(s.remove)
	return s
}

// begin creates the files and starts the server.
func begin(t testing.TB) *Server {
	t.Helper()
	s := &Server{programs: require(t)}
	err := s.create()
	if err == nil {
		err = s.start()
	}
	if err == nil {
		err = s.exec(t.Context(), "CREATE ROLE "+owner+" LOGIN")
	}
	if err != nil {
		s.remove()
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return s
}

func (s *Server) create() (err error) {
	if s.dir, err = folder(); err != nil {
		return err
	}
	if err := unprivileged.Own(s.dir); err != nil {
		return err
	}
	init := s.command("initdb", "--pgdata="+s.data(), "--username=postgres", "--auth=trust", "--no-sync", "--no-instructions",
		"--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en")
	if err := unprivileged.As(init); err != nil {
		return err
	}
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command returns a command that runs one of PostgreSQL's programs with English messages.
func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.programs, program), args...)
	cmd.Dir, cmd.Env = s.dir, []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	return cmd
}

// Database creates an empty database and returns its URL, with a role that owns it and may
// do nothing else. It is dropped when the test ends, if the server runs then.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.names.Add(1))
	if err := s.exec(t.Context(), "CREATE DATABASE "+name+" OWNER "+owner); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if s.running != nil {
			_ = s.exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)") // a drop only saves room
		}
	})
	return s.url(owner, name)
}

func (s *Server) url(user, database string) string {
	q := url.Values{"host": {s.dir}, "user": {user}}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: q.Encode(), Host: ""}).String()
}

// exec runs a statement as the superuser.
func (s *Server) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.url("postgres", "postgres"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// Stop shuts the server down as a restart of the machine does: it closes the connections,
// and writes everything.
func (s *Server) Stop(t testing.TB) { t.Helper(); s.end(t, "INT") }

// Kill kills the server as a crash does. The next start recovers its files.
func (s *Server) Kill(t testing.TB) { t.Helper(); s.end(t, "KILL") }

func (s *Server) end(t testing.TB, signal string) {
	t.Helper()
	if s.running == nil {
		t.Fatal("PostgreSQL is stopped already")
	}
	s.running.End(signal)
	s.running = nil
}

// Start starts a stopped or killed server, and waits until it takes connections.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
}

// start tries again while processes of a killed server are ending.
func (s *Server) start() error {
	deadline := time.Now().Add(startTime)
	for {
		p, err := s.run(deadline)
		if err == nil {
			s.running = p
			return nil
		}
		if !strings.Contains(err.Error(), "still in use") || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond) // they end by themselves, without a sign
	}
}

// remove stops the server and removes its files.
func (s *Server) remove() {
	if s.running != nil {
		s.running.End("QUIT") // fast, since the files go
		s.running = nil
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// run starts the server and waits until it takes connections.
func (s *Server) run(deadline time.Time) (*unprivileged.Process, error) {
	args := []string{"-D", s.data(), "-c", "unix_socket_directories=" + s.dir}
	for _, set := range settings {
		args = append(args, "-c", set)
	}
	return unprivileged.Start(s.command("postgres", args...), "ready to accept connections", deadline)
}
