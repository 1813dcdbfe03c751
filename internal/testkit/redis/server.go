package redis

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"pagesession/internal/testkit/unprivileged"
)

// startTime bounds a start. On a busy machine one takes some seconds.
const startTime = time.Minute

// A Server is a redis-server with a folder of its own. Its methods must not be called at
// the same time.
type Server struct {
	Addr string // host and port

	host    Host
	program string
	dir     string
	args    []string
	ready   string                // what its log says once it takes connections
	running *unprivileged.Process // nil while it is stopped
	pid     int
}

// New starts a server for one test, which ends it. The settings come in pairs, such as
// "appendonly", "yes". Without them it writes nothing to the disk.
func New(t testing.TB, settings ...string) *Server {
	t.Helper()
	return NewAt(t, Host{}, settings...)
}

// NewAt is New on a host.
func NewAt(t testing.TB, host Host, settings ...string) *Server {
	t.Helper()
	s, err := begin(host, require(t), settings...)
	if err != nil {
		t.Fatalf("start Redis: %v", err)
	}
	t.Cleanup(s.remove)
	return s
}

// begin starts a server on a free port. Another program can take the port meanwhile, so it
// tries a few.
func begin(host Host, program string, settings ...string) (s *Server, err error) {
	for range 5 {
		s = &Server{host: host, program: program, ready: "Ready to accept connections"}
		if err = s.create(settings); err == nil {
			err = s.start()
		}
		if err == nil {
			return s, nil
		}
		s.remove()
	}
	return nil, err
}

func (s *Server) create(settings []string) (err error) {
	if s.dir, err = os.MkdirTemp("", "redis"); err != nil {
		return err
	}
	var port int
	err = s.host.do(func() (err error) { port, err = freePort(); return err })
	if err != nil {
		return err
	}
	s.Addr = net.JoinHostPort(s.host.address(), strconv.Itoa(port))
	s.args = []string{"--bind", s.host.address(), "--protected-mode", "no", "--port", strconv.Itoa(port), "--save", "", "--dir", s.dir,
		"--repl-diskless-sync-delay", "0"} // a replica gets its copy at once and not after 5 s
	for i := 0; i+1 < len(settings); i += 2 {
		s.args = append(s.args, "--"+settings[i], settings[i+1])
	}
	return unprivileged.Own(s.dir)
}

func (s *Server) start() (err error) {
	cmd := exec.Command(s.program, s.args...)
	cmd.Dir = s.dir
	var p *unprivileged.Process
	err = s.host.do(func() (err error) { p, err = unprivileged.Start(cmd, s.ready, time.Now().Add(startTime)); return err })
	if err != nil {
		return err
	}
	s.running = p
	info, err := s.Do("INFO", "server")
	if err != nil {
		return err
	}
	text, err := info.ToString()
	if err != nil {
		return err
	}
	s.pid, err = strconv.Atoi(Field(text, "process_id"))
	return err
}

// Do sends a command on a connection of its own.
func (s *Server) Do(command ...string) (rueidis.RedisMessage, error) {
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.Addr}, ForceSingleClient: true, DisableCache: true, PipelineMultiplex: -1, DialCtxFn: s.host.Dial})
	if err != nil {
		return rueidis.RedisMessage{}, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	return c.Do(ctx, c.B().Arbitrary(command...).Build()).ToMessage()
}

// Text sends a command and returns its answer as text.
func (s *Server) Text(t testing.TB, command ...string) string {
	t.Helper()
	m, err := s.Do(command...)
	if err != nil {
		t.Fatalf("%q: %v", command, err)
	}
	if n, err := m.AsInt64(); err == nil {
		return strconv.FormatInt(n, 10)
	}
	text, err := m.ToString()
	if err != nil {
		t.Fatalf("%q: %v", command, err)
	}
	return text
}

// Kill kills the server as a crash does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.running == nil {
		t.Fatal("Redis is stopped already")
	}
	s.running.End("KILL")
	s.running = nil
}

// Start starts a killed server again, on the same port and with its folder.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatalf("start Redis: %v", err)
	}
}

// Pause stops the process without closing its connections, as SIGSTOP or a hung machine
// does. Continue lets it go on.
func (s *Server) Pause(t testing.TB) { t.Helper(); s.signal(t, stop) }

// Continue ends a Pause.
func (s *Server) Continue(t testing.TB) { t.Helper(); s.signal(t, proceed) }

// remove ends the server and removes its files.
func (s *Server) remove() {
	if s.running != nil {
		s.running.End("KILL")
		s.running = nil
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// file writes a file into the server's folder.
func (s *Server) file(name, text string) (string, error) {
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return path, unprivileged.Own(path)
}
