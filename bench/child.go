package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopPatience is how long a child may take to stop by itself: the product
// promises 5 s, and a bit for the machine being busy.
const stopPatience = 7 * time.Second

// A child is a process of ours. It is waited for by one goroutine that ends
// with the process; stop bounds both.
type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	first  chan string   // the first line it prints, once
	done   chan struct{} // closed when it has ended
	err    error         // how it ended; read after done
	ended  time.Time     // when; read after done
	stderr *headBuffer
}

// startChild starts a program in a folder. Its standard input stays open as
// long as we live: a peer ends when that closes, so that none outlives a
// bench that was killed.
func startChild(dir, program string, args ...string) (*child, error) {
	c := &child{
		cmd:    exec.Command(program, args...),
		first:  make(chan string, 1),
		done:   make(chan struct{}),
		stderr: &headBuffer{limit: 64 << 10},
	}
	c.cmd.Dir = dir
	c.cmd.Stdout = &firstLine{to: c.first}
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

func (c *child) wait() {
	c.err = c.cmd.Wait()
	c.ended = time.Now()
	close(c.done)
}

// alive reports whether the process is still there.
func (c *child) alive() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// stop ends the process: politely, then not. It returns how the process
// ended, or that it had to be killed.
func (c *child) stop() error {
	_ = c.stdin.Close()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		_ = c.cmd.Process.Kill() // Windows knows no SIGTERM; gone is gone
	}
	if c.endsWithin(stopPatience) {
		return c.err
	}
	_ = c.cmd.Process.Kill()
	if c.endsWithin(stopPatience) {
		return errors.New("did not stop when told to, and was killed")
	}
	return errors.New("cannot be killed")
}

func (c *child) endsWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		return false
	}
}

// cause is the line that says why a crashed process died, or how it ended.
// Call it after done.
func (c *child) cause() string {
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

// firstLine hands over the first line of what is written, and drops the rest.
type firstLine struct {
	to   chan<- string // has room for one
	line []byte
	sent bool
}

// Write is called by one goroutine of os/exec only.
func (f *firstLine) Write(p []byte) (int, error) {
	if f.sent {
		return len(p), nil
	}
	f.line = append(f.line, p...)
	if end := bytes.IndexByte(f.line, '\n'); end >= 0 {
		f.to <- strings.TrimSpace(string(f.line[:end]))
		f.sent, f.line = true, nil
	}
	return len(p), nil
}
