package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// stopTime is how long a server may take from the signal to its exit.
const stopTime = 5 * time.Second

// A server is one process under test.
type server struct {
	t      *testing.T
	cmd    *exec.Cmd
	dir    string       // data folder
	addr   string       // 127.0.0.1:PORT
	url    string       // http://127.0.0.1:PORT
	out    *testkit.Log // stdout and stderr
	ended  chan struct{}
	killed bool // by SIGKILL, so the exit code is not 0
	faulty bool // its disk fails, so the log has errors
	client *testkit.Client
}

// start runs a server on a free port with a new data folder, until the test
// ends.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	return startIn(t, filepath.Join(t.TempDir(), "data"), args...)
}

// startIn is start with a given data folder. It returns once /readyz is 200.
func startIn(t *testing.T, dir string, args ...string) *server {
	t.Helper()
	args = append([]string{"--addr", "127.0.0.1:0", "--data-dir", dir}, args...)
	return launch(t, dir, command(args...))
}

// command returns the program with arguments, without the settings in the environment
// of the tests.
func command(args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "PAGESESSION_") {
			cmd.Env = append(cmd.Env, line)
		}
	}
	return cmd
}

// launch starts cmd and waits until it serves.
func launch(t *testing.T, dir string, cmd *exec.Cmd) *server {
	t.Helper()
	return launchFor(t, dir, cmd, newClient(t))
}

// launchFor is launch for this client.
func launchFor(t *testing.T, dir string, cmd *exec.Cmd, client *testkit.Client) *server {
	t.Helper()
	s := begin(t, dir, cmd, client)
	serving := regexp.MustCompile(`msg=serving url=(https?)://(127\.0\.0\.1:\d+)/\S* `)
	s.await("msg=serving in its log", func() bool {
		m := serving.FindStringSubmatch(s.out.String())
		if m != nil {
			s.at(m[1], m[2])
		}
		return m != nil
	})
	s.await("GET /readyz = 200", func() bool { return s.get("/readyz").StatusCode == http.StatusOK })
	return s
}

// begin starts cmd, until the test ends, and does not wait.
func begin(t *testing.T, dir string, cmd *exec.Cmd, client *testkit.Client) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd, dir: dir, out: new(testkit.Log), ended: make(chan struct{}), client: client}
	cmd.Stdout, cmd.Stderr = s.out, s.out
	cmd.Env = append(cmd.Environ(), "PAGESESSION_LOG_FORMAT=text")
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd, err)
	}
	go func() { _ = cmd.Wait(); close(s.ended) }()
	t.Cleanup(s.stop)
	return s
}

// newClient returns a client whose answers are searched for ids.
func newClient(t *testing.T) *testkit.Client {
	c := testkit.At(t, "")
	c.OnReply = noteIDs
	return c
}

// at sets where the server listens.
func (s *server) at(scheme, addr string) {
	s.addr, s.url = addr, scheme+"://"+addr
	s.client.URL = s.url
}

// await waits until done is true. It fails the test if the process exits before, or
// after testkit.Patience.
func (s *server) await(what string, done func() bool) {
	s.t.Helper()
	for end := time.Now().Add(testkit.Patience); !done(); time.Sleep(5 * time.Millisecond) {
		select {
		case <-s.ended:
			s.t.Fatalf("the server exited (%v); want %s\n%s", s.cmd.ProcessState, what, s.out)
		default:
		}
		if time.Now().After(end) {
			s.t.Fatalf("no %s in %v\n%s", what, testkit.Patience, s.out)
		}
	}
}

// stop sends SIGTERM, unless the process has ended, and checks what it leaves behind.
// It may be called more than once.
func (s *server) stop() { s.t.Helper(); s.signal(syscall.SIGTERM) }

// kill ends the process as a crash would.
func (s *server) kill() { s.t.Helper(); s.killed = true; s.signal(syscall.SIGKILL) }

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	select {
	case <-s.ended:
		return
	default:
	}
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("Signal(%v) = %v", sig, err)
	}
	s.client.CloseIdleConnections()
	s.waitExit(time.Now())
}

// waitExit waits for the end of a process that got a signal at that time, and checks
// what it leaves behind.
func (s *server) waitExit(signalled time.Time) {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(2 * stopTime):
		_ = s.cmd.Process.Kill()
		<-s.ended
		s.t.Errorf("still running %v after the signal; killed", 2*stopTime)
	}
	if took := time.Since(signalled); took > stopTime {
		s.t.Errorf("exit took %v; want at most %v", took, stopTime)
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 && !s.killed {
		s.t.Errorf("exit code = %d; want 0\n%s", code, s.out)
	}
	s.checkTraces()
}

// checkTraces fails the test for errors and ids in the log, and ids in the files.
func (s *server) checkTraces() {
	s.t.Helper()
	log := s.out.String()
	for _, never := range []string{"panic", "level=ERROR", "DATA RACE", "goroutine "} {
		if strings.Contains(log, never) && !(s.faulty && never == "level=ERROR") {
			s.t.Errorf("the log holds %q:\n%s", never, log)
		}
	}
	if id := issuedIn([]byte(log)); id != "" {
		s.t.Errorf("the log holds the session id %s:\n%s", id, log)
	}
	files, _ := filepath.Glob(filepath.Join(s.dir, "*"))
	for _, file := range files {
		if strings.Contains(file, ".older-") {
			continue // the stock driver's file, which has ids
		}
		content, err := os.ReadFile(file)
		if id := issuedIn(content); err == nil && id != "" {
			s.t.Errorf("%s holds the session id %s", file, id)
		}
	}
}

// serving reports whether the server has loaded that many sessions.
func (s *server) serving(sessions int) bool {
	return strings.Contains(s.out.String(), fmt.Sprintf(" sessions=%d\n", sessions))
}
