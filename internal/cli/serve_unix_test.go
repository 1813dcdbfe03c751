//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	ossignal "os/signal"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/app"
	"pagesession/internal/cli"
	"pagesession/internal/config"
	"pagesession/internal/testkit"
)

// SIGHUP reaches the server as a message, from its first moment on.
func TestServe_Hangup(t *testing.T) {
	serve := func(_ context.Context, _ config.Config, _ *slog.Logger, process app.Process) error {
		for range 3 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
				t.Error(err)
			}
			select {
			case <-process.Hangups:
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

// The second signal to stop reaches the server as a message. The caller of Main acts on the first.
func TestServe_SecondStop(t *testing.T) {
	ctx, stop := ossignal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	serve := func(ctx context.Context, _ config.Config, _ *slog.Logger, process app.Process) error {
		for _, done := range []<-chan struct{}{ctx.Done(), process.Hurry} {
			select {
			case <-process.Hurry:
				t.Error("the first signal is taken for the second")
			default:
			}
			stopUntil(t, done)
		}
		return nil
	}
	program := cli.Program{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Serve: serve}
	if code := program.Main(ctx); code != 0 {
		t.Errorf("Main = %d; want 0", code)
	}
}

// stopUntil sends SIGTERM to this process, again and again, because those that follow the
// first one at once belong to it.
func stopUntil(t *testing.T, done <-chan struct{}) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for late := time.After(testkit.Patience); ; {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		select {
		case <-done:
			return
		case <-again.C:
		case <-late:
			t.Error("no SIGTERM")
			return
		}
	}
}
