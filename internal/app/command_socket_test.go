package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/control"
	"pagesession/internal/testkit"
)

// A socket that cannot be made at the start is made later: commands then reach the
// server. The log says both once.
func TestCommandSocket_OpensLater(t *testing.T) {
	dir, log := t.TempDir(), new(testkit.Log)
	path := filepath.Join(dir, "control.sock")
	if err := os.WriteFile(path, nil, 0o600); err != nil { // in the way of the socket
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(log, nil))
	c := &commandSocket{
		open: func() (*control.Server, error) { return control.Start(dir, control.Stores{}, logger) },
		log:  logger, ended: make(chan struct{}),
	}
	if c.first() {
		t.Fatal("the first attempt = true; want false")
	}
	tick := make(chan time.Time)
	go c.retry(tick, make(chan struct{}))
	for range 4 { // three attempts fail; the last may still be under way
		tick <- time.Time{}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	select {
	case tick <- time.Time{}: // it has failed as well
	case <-c.ended:
	}
	<-c.ended
	if info, err := os.Stat(path); err != nil || info.Mode().Type() != os.ModeSocket {
		t.Errorf("%s: %v, %v; want a socket", path, info, err)
	}
	for _, line := range []string{"could not be opened", "is open"} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("the log says %q %d times; want once:\n%s", line, n, log)
		}
	}
	if err := c.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown = %v; want nil", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Shutdown: %v; want no socket", err)
	}
}

// The attempts come in their time, and end with the server.
func TestCommandSocket_StopsTrying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		full := func() (*control.Server, error) { tries++; return nil, syscall.ENOSPC }
		c := &commandSocket{open: full, log: slog.New(slog.DiscardHandler), ended: make(chan struct{})}
		stop := make(chan struct{})
		c.run(stop)
		time.Sleep(10*socketPause + socketPause/2)
		synctest.Wait()
		if tries != 11 {
			t.Errorf("%d attempts in %v; want the first and 10 more", tries, 10*socketPause)
		}
		close(stop)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown = %v; want nil", err)
		}
		if time.Sleep(10 * socketPause); tries > 12 {
			t.Errorf("%d attempts; want none after the stop", tries)
		}
	})
}
