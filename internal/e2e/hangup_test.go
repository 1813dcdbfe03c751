package e2e

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
)

// overSocket returns a client for a server on a Unix socket.
func overSocket(t *testing.T, path string) *testkit.Client {
	c := newClient(t)
	c.URL = "http://localhost"
	c.Carrier = &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// SIGHUP during the start and under load ends neither the server nor an answer. A server
// that nohup starts, with SIGHUP ignored, hears it as well.
func TestStop_NotByHangup(t *testing.T) {
	t.Parallel()
	for _, nohup := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "data")
		socket := filepath.Join(filepath.Dir(dir), "http.sock")
		s := whileStarting(t, dir, socket, nohup, func(s *server) { _ = s.cmd.Process.Signal(syscall.SIGHUP) })
		ended, errs := make(chan struct{}), make(chan error, 8)
		var load sync.WaitGroup
		for range 4 {
			load.Go(func() { errs <- askUntil(s.client, ended) })
		}
		for range 20 {
			_ = s.cmd.Process.Signal(syscall.SIGHUP)
			time.Sleep(10 * time.Millisecond)
		}
		s.await("SIGHUP in its log", func() bool { return strings.Count(s.out.String(), "SIGHUP") > 1 })
		close(ended)
		load.Wait()
		for range 4 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		s.stop()
		if _, err := os.Lstat(socket); err == nil {
			t.Error("the socket is left after the stop")
		}
	}
}

func askUntil(c *testkit.Client, ended <-chan struct{}) error {
	for {
		select {
		case <-ended:
			return nil
		default:
		}
		r, err := c.Try("GET", "/get/")
		if err != nil {
			return err
		}
		r.Wants(http.StatusOK, noneTitle)
	}
}

// whileStarting starts a server on a socket, and calls do while its session file is used
// by another program, so that it cannot be ready.
func whileStarting(t *testing.T, dir, socket string, nohup bool, do func(*server)) *server {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	other, err := storage.Open(storage.Config{Database: filepath.Join(dir, "sessions.db")})
	if err != nil {
		t.Fatal(err)
	}
	cmd := command("--addr", "unix:"+socket, "--data-dir", dir)
	if nohup {
		cmd.Args = append([]string{"sh", "-c", `trap "" HUP; exec "$0" "$@"`}, cmd.Args...)
		if cmd.Path, err = exec.LookPath("sh"); err != nil {
			t.Fatal(err)
		}
	}
	s := begin(t, dir, cmd, overSocket(t, socket))
	s.await("its socket", func() bool { _, err := os.Lstat(socket); return err == nil })
	const why = "not ready: the server is starting: opening the sessions"
	s.await(why, func() bool { // the stage begins just after the socket is there
		r := s.get("/readyz")
		return r.StatusCode == http.StatusServiceUnavailable && r.Text == why
	})
	do(s)
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	s.awaitOn(socket)
	return s
}

// awaitOn waits until the server serves on a socket.
func (s *server) awaitOn(socket string) {
	s.t.Helper()
	s.await("msg=serving in its log", func() bool {
		return strings.Contains(s.out.String(), "msg=serving url=unix:"+socket+" ")
	})
}
