package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// fill keeps the server's files from growing, as a full disk does, and fills the
// session file. The disk has room again with the function that it returns.
func (s *server) fill() (free func()) {
	s.t.Helper()
	s.faulty = true
	info, err := os.Stat(filepath.Join(s.dir, "sessions.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	limit := func(bytes uint64) {
		if err := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil); err != nil {
			s.t.Fatalf("prlimit: %v", err)
		}
	}
	limit(uint64(info.Size()))
	name := strings.Repeat("Wwwwwwwwww", 10)
	s.await("a full file", func() bool { // it is allocated ahead: some thousand sessions fit
		var crowd sync.WaitGroup
		for range 100 {
			crowd.Go(func() { s.get("/set/?name=" + name) })
		}
		crowd.Wait()
		return s.get("/set/").StatusCode == http.StatusServiceUnavailable
	})
	return func() { limit(unix.RLIM_INFINITY) }
}

// A full file is said until it can grow again.
func TestDisk_SaysFull(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	free := s.fill()
	s.readySays("sessions.db", "full")
	s.commandSays("sessions.db", "full")
	s.logSays("sessions.db", "full", 1, 0)
	free()
	s.readySays("sessions.db", "ok")
	s.await("new sessions", func() bool { return s.get("/set/").StatusCode == http.StatusOK })
	s.logSays("sessions.db", "full", 1, 1)
}

// hang makes each fsync of the server take six seconds. That stops with the function
// that it returns.
func (s *server) hang() (release func()) {
	s.t.Helper()
	s.faulty = true
	path, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			s.t.Fatal("strace is missing in CI; install it")
		}
		s.t.Skip("strace is missing; install it to make fsync hang")
	}
	strace := exec.Command(path, "-f", "-qq", "-o", os.DevNull, "-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=6000000", "-p", strconv.Itoa(s.cmd.Process.Pid))
	if err := strace.Start(); err != nil {
		s.t.Fatal(err)
	}
	release = func() {
		_ = strace.Process.Signal(syscall.SIGTERM) // it ended if this fails
		_ = strace.Wait()
	}
	s.t.Cleanup(release)
	return release
}

// A write that hangs is said while it hangs, and when writes are in time again.
func TestDisk_SaysSlow(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	release := s.hang()
	s.await("a change that waits in vain", func() bool { return s.get("/set/").StatusCode == http.StatusServiceUnavailable })
	s.readySays("sessions.db", "slow")
	s.commandSays("sessions.db", "slow")
	s.logSays("sessions.db", "slow", 1, 0)
	release()
	s.readySays("sessions.db", "ok")
	s.logSays("sessions.db", "slow", 1, 1)
}
