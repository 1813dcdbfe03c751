package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// stopTimeout is longer than the 5 s in which the product promises to stop.
const stopTimeout = 7 * time.Second

// A Process is a child of the bench. One goroutine waits for its end.
type Process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	done   chan struct{} // closed when it has ended
	err    error         // how it ended; valid after done
	Ended  time.Time     // when it ended; valid after done
	ending atomic.Bool   // set by Stop and Kill
	stderr string        // the file of its standard error

	patience time.Duration // how long ready waits; 0: startTimeout
}

// start starts a program in a folder. Its standard input ends when the bench ends.
func start(dir, program string, args ...string) (*Process, error) {
	c := &Process{cmd: exec.Command(program, args...), done: make(chan struct{}), stderr: filepath.Join(dir, "stderr-"+filepath.Base(program))}
	stderr, err1 := os.Create(c.stderr)
	stdin, err2 := c.cmd.StdinPipe()
	err := errors.Join(err1, err2)
	if err == nil {
		defer stderr.Close() // the child has a copy
		c.cmd.Dir, c.cmd.Stderr, c.stdin = dir, stderr, stdin
		err = c.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() {
		c.err, c.Ended = c.cmd.Wait(), time.Now()
		close(c.done)
	}()
	return c, nil
}

// Alive reports whether the process is still running.
func (c *Process) Alive() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// Stop asks the process to end, kills it after stopTimeout, and returns how it ended.
func (c *Process) Stop() error {
	c.ending.Store(true)
	_ = c.stdin.Close()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		_ = c.cmd.Process.Kill() // on Windows, which lacks SIGTERM
	}
	if c.EndsWithin(stopTimeout) {
		return c.err
	}
	return cmp.Or(c.Kill(), errors.New("the server ignored SIGTERM and was killed"))
}

// EndsWithin waits for the end, at most that long, and reports whether it came.
func (c *Process) EndsWithin(d time.Duration) bool {
	select {
	case <-c.done:
		return true
	case <-time.After(d):
		return false
	}
}

// Kill kills the process. One that crashed before remains Crashed.
func (c *Process) Kill() error {
	if c.Crashed() {
		return nil
	}
	c.ending.Store(true)
	_ = c.cmd.Process.Kill() // fails if it has ended
	if !c.EndsWithin(stopTimeout) {
		return errors.New("the server is still running after a kill; stop it by hand")
	}
	return nil
}

// Crashed reports whether the process ended without Stop or Kill.
func (c *Process) Crashed() bool { return !c.Alive() && !c.ending.Load() }

// WhileAlive returns a context that also ends with the process; stop releases it.
func (c *Process) WhileAlive(ctx context.Context) (alive context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-c.done:
			cancel(fmt.Errorf("the server ended under load: %s", c.Cause()))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// LastWords returns the process's standard error, for an error message.
func (c *Process) LastWords() string {
	if text := c.said(); text != "" {
		return "\nthe server said: " + text
	}
	return ""
}

// said returns the beginning of its standard error, where a crash has its cause.
func (c *Process) said() string {
	text, _ := os.ReadFile(c.stderr) // a missing file is empty
	return string(text[:min(len(text), 64<<10)])
}

// ready calls ask until it returns nil, the process ends, or its patience is over.
func (c *Process) ready(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.patience, startTimeout))
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(readyInterval):
		case <-c.done:
			return fmt.Errorf("the server ended before it was ready: %s%s", c.Cause(), c.LastWords())
		case <-ctx.Done():
			return fmt.Errorf("wait for the server: %w: %w%s", ctx.Err(), err, c.LastWords())
		}
	}
}

// Cause returns the line that says why the process crashed, or how it ended.
func (c *Process) Cause() string {
	for _, why := range []string{`\[signal `, `(fatal error|panic): `} {
		if line := regexp.MustCompile(`(?m)^\s*` + why + `.*$`).FindString(c.said()); line != "" {
			return strings.TrimSpace(line)
		}
	}
	return fmt.Sprint(c.err)
}
