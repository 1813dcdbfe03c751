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

// stopTimeout is more than the 5 s that the product promises to stop in.
const stopTimeout = 7 * time.Second

// A Process is one that the bench started. One goroutine waits for its end.
type Process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	done   chan struct{} // closed when it has ended
	err    error         // how it ended; read after done
	Ended  time.Time     // when it ended; read after its end
	ending atomic.Bool   // by Stop or Kill
	stderr string        // the file that it complains to
}

// start starts a program in a folder. Its standard input ends with the bench.
func start(dir, program string, args ...string) (*Process, error) {
	c := &Process{cmd: exec.Command(program, args...), done: make(chan struct{}), stderr: filepath.Join(dir, "stderr-"+filepath.Base(program))}
	stderr, err1 := os.Create(c.stderr)
	stdin, err2 := c.cmd.StdinPipe()
	err := errors.Join(err1, err2)
	if err == nil {
		defer stderr.Close() // the child has its own
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

// Alive reports whether the process is still there.
func (c *Process) Alive() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// Stop asks the process to end, or kills it. It returns how the process ended.
func (c *Process) Stop() error {
	c.ending.Store(true)
	_ = c.stdin.Close()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		_ = c.cmd.Process.Kill() // Windows knows no SIGTERM; gone is gone
	}
	if c.EndsWithin(stopTimeout) {
		return c.err
	}
	return cmp.Or(c.Kill(), errors.New("did not stop when told to, and was killed"))
}

// EndsWithin waits that long for the end and reports whether it came.
func (c *Process) EndsWithin(d time.Duration) bool {
	select {
	case <-c.done:
		return true
	case <-time.After(d):
		return false
	}
}

// Kill ends the process as a crash would. One that has crashed stays a crashed one.
func (c *Process) Kill() error {
	if c.Crashed() {
		return nil
	}
	c.ending.Store(true)
	_ = c.cmd.Process.Kill() // fails where it has ended already
	if !c.EndsWithin(stopTimeout) {
		return errors.New("the server cannot be killed")
	}
	return nil
}

// Crashed reports whether the process ended without being told to.
func (c *Process) Crashed() bool { return !c.Alive() && !c.ending.Load() }

// WhileAlive returns a context that ends with the process, too; stop frees resources.
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

// LastWords is what the process said, for an error message.
func (c *Process) LastWords() string {
	if text := c.said(); text != "" {
		return "\nthe server said: " + text
	}
	return ""
}

// said is the beginning of its standard error: a crash says why at the top.
func (c *Process) said() string {
	text, _ := os.ReadFile(c.stderr) // none is no words
	return string(text[:min(len(text), 64<<10)])
}

// ready asks until there is no error, the process ends, or startTimeout is over.
func (c *Process) ready(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
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

// Cause is the line that says why an ended process crashed, or how it ended.
func (c *Process) Cause() string {
	for _, why := range []string{`\[signal `, `(fatal error|panic): `} {
		if line := regexp.MustCompile(`(?m)^\s*` + why + `.*$`).FindString(c.said()); line != "" {
			return strings.TrimSpace(line)
		}
	}
	return fmt.Sprint(c.err)
}
