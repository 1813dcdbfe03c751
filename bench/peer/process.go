package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// stopTimeout is how long a process may take to stop by itself: the product
// promises 5 s, and there is a bit for a busy machine.
const stopTimeout = 7 * time.Second

// A Process is one that the bench started. One goroutine waits for it and
// ends with it; Stop bounds both.
type Process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	done   chan struct{} // closed when it has ended
	err    error         // how it ended; read after done
	ended  time.Time     // when; read after done
	told   atomic.Bool   // to end, by Stop or Kill
	stderr *headBuffer
}

// start starts a program in a folder. Its standard input stays open as long as
// the bench lives: a peer ends when that closes, so that none outlives a bench
// that was killed.
func start(dir, program string, args ...string) (*Process, error) {
	c := &Process{
		cmd:    exec.Command(program, args...),
		done:   make(chan struct{}),
		stderr: &headBuffer{limit: 64 << 10},
	}
	c.cmd.Dir = dir
	c.cmd.Stderr = c.stderr
	c.cmd.WaitDelay = time.Second
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	c.stdin = stdin
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go c.wait()
	return c, nil
}

func (c *Process) wait() {
	c.err = c.cmd.Wait()
	c.ended = time.Now()
	close(c.done)
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

// Stop asks the process to end, and kills it where it does not. It returns how
// the process ended, or that it had to be killed.
func (c *Process) Stop() error {
	c.told.Store(true)
	_ = c.stdin.Close()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		_ = c.cmd.Process.Kill() // Windows knows no SIGTERM; gone is gone
	}
	if c.EndsWithin(stopTimeout) {
		return c.err
	}
	_ = c.cmd.Process.Kill()
	if c.EndsWithin(stopTimeout) {
		return errors.New("did not stop when told to, and was killed")
	}
	return errors.New("cannot be killed")
}

// EndsWithin waits that long for the end and reports whether it came.
func (c *Process) EndsWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		return false
	}
}

// Kill ends the process as a crash would: it cannot do anything more.
func (c *Process) Kill() error {
	c.told.Store(true)
	_ = c.cmd.Process.Kill() // fails where it has ended already
	if !c.EndsWithin(stopTimeout) {
		return errors.New("the server cannot be killed")
	}
	return nil
}

// Crashed reports whether the process ended without being told to.
func (c *Process) Crashed() bool { return !c.Alive() && !c.told.Load() }

// Ended is when the process ended. Call it after the end.
func (c *Process) Ended() time.Time { return c.ended }

// WhileAlive returns a context that ends with the process, too: a load on a
// dead server is over. stop frees the goroutine that waits for it.
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
	if text := c.stderr.String(); text != "" {
		return "\nthe server said: " + text
	}
	return ""
}

// Cause is the line that says why a crashed process died, or how it ended.
// Call it after the
// end.
func (c *Process) Cause() string {
	var panicked string
	for line := range strings.Lines(c.stderr.String()) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[signal ") {
			return line
		}
		if panicked == "" && (strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "panic: ")) {
			panicked = line
		}
	}
	if panicked == "" {
		return fmt.Sprint(c.err)
	}
	return panicked
}

// headBuffer keeps the beginning of what is written and drops the rest: a
// crash says why on top, and a talkative child must not fill our memory.
type headBuffer struct {
	mu    sync.Mutex // guards kept; the child writes while we look
	kept  bytes.Buffer
	limit int
}

// Write takes everything and keeps what fits.
func (b *headBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if room := b.limit - b.kept.Len(); room > 0 {
		b.kept.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// String returns what was kept so far.
func (b *headBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept.String()
}
