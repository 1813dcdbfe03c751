package unprivileged

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// Require returns the path of a program that a test needs. If err says that it is missing,
// or this system has no such users, it skips the test; where the variable CI is true it
// fails it.
func Require(t testing.TB, path string, err error) string {
	t.Helper()
	if err == nil {
		err = Available()
	}
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return ""
}

// supervise runs a program, and sends it the signal that stdin names. If stdin ends
// instead, because the test was killed, it ends the program, also one that a test has
// paused. A shell's background programs ignore INT and QUIT, unless they choose otherwise.
const supervise = `"$@" & program=$!; read signal || { kill -s CONT $program; signal=TERM; }; kill -s $signal $program; wait $program`

// A Process is a running server. End ends it, and with it the goroutine that reads its log.
type Process struct {
	stdin io.WriteCloser
	ready chan struct{} // closed when the log has the words that Start waits for
	ended chan struct{} // closed when all processes of the server have ended
	log   testkit.Log
}

// Start starts a server by cmd, without the rights of root, and waits until it writes a
// line with the words ready to stdout or stderr. If it ends before, or does not write them
// by the deadline, Start ends it and returns an error with what it wrote.
func Start(cmd *exec.Cmd, ready string, deadline time.Time) (*Process, error) {
	cmd.Args = append([]string{"sh", "-c", supervise, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	p := &Process{ready: make(chan struct{}), ended: make(chan struct{})}
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = cmd.Stderr // some servers have their log there
	if err := errors.Join(As(cmd), cmd.Start()); err != nil {
		return nil, err
	}
	go p.read(cmd, out, ready)
	return p, p.wait(deadline)
}

// read keeps the log until all processes have ended, then waits for the supervisor.
func (p *Process) read(cmd *exec.Cmd, out io.Reader, words string) {
	defer close(p.ended)
	lines, ready := bufio.NewScanner(out), p.ready
	for lines.Scan() {
		fmt.Fprintln(&p.log, lines.Text())
		if ready != nil && strings.Contains(lines.Text(), words) {
			close(ready)
			ready = nil
		}
	}
	_ = p.stdin.Close()
	_ = cmd.Wait() // the signal is what ends it
}

func (p *Process) wait(deadline time.Time) error {
	select {
	case <-p.ready:
		return nil
	case <-p.ended:
	case <-time.After(time.Until(deadline)):
		p.End("TERM")
	}
	return fmt.Errorf("it did not start:\n%s", p.Log())
}

// End sends the server a signal, such as TERM, and waits until all its processes have ended.
func (p *Process) End(signal string) {
	_, _ = io.WriteString(p.stdin, signal+"\n") // an ended supervisor reads nothing
	<-p.ended
}

// Log returns what the server has written to stdout and stderr.
func (p *Process) Log() string { return p.log.String() }
