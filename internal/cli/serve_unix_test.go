//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/cli"
	"pagesession/internal/config"
	"pagesession/internal/testkit"
)

// SIGHUP reaches the server as a message, from its first moment on.
func TestServe_Hangup(t *testing.T) {
	serve := func(_ context.Context, _ config.Config, _ *slog.Logger, _ io.Writer, hangups <-chan os.Signal) error {
		for range 3 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
				t.Error(err)
			}
			select {
			case <-hangups:
			case <-time.After(testkit.Patience):
				t.Error("no SIGHUP")
			}
		}
		return nil
	}
	program := cli.Program{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Serve: serve}
	if code := program.Main(t.Context()); code != 0 {
		t.Errorf("Main = %d; want 0", code)
	}
}
