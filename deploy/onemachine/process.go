package onemachine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"
)

// A Process is a running program. One goroutine waits for its end.
type Process struct {
	Name string // such as server-1
	Addr string // host:port; the folder of the socket for PostgreSQL
	PID  int
	Log  string // the file of its output

	cmd    *exec.Cmd
	how    os.Signal
	asked  atomic.Bool
	ended  chan struct{}
	result error // valid after ended
}

// stopTime is longer than a server takes with its drain; then the program is killed.
const stopTime = 20 * time.Second

// begin starts a program with its output in a log, in a process group of its own, so that
// Ctrl-C reaches only the program that started all. how is the signal that stops it.
func (m *Machine) begin(name, addr string, how os.Signal, cmd *exec.Cmd) (*Process, error) {
	p := &Process{Name: name, Addr: addr, Log: m.path("log", name+".log"), cmd: cmd, how: how, ended: make(chan struct{})}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the program has a copy
	cmd.Stdout, cmd.Stderr = log, log
	if err := apart(cmd); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.PID = cmd.Process.Pid
	go func() {
		p.result = cmd.Wait()
		close(p.ended)
		if !p.asked.Load() {
			m.died <- p
		}
	}()
	return p, nil
}

// await waits until ready returns nil.
func (p *Process) await(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended at its start: %w; its log is %s", p.Name, p.result, p.Log)
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w: %w; its log is %s", p.Name, ctx.Err(), err, p.Log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop stops the program. It returns an error if it had to be killed.
func (p *Process) stop() error {
	p.asked.Store(true)
	_ = p.cmd.Process.Signal(p.how) // it fails if the program has ended
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTime):
	}
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.ended
	return fmt.Errorf("%s did not stop within %v and was killed; its log is %s", p.Name, stopTime, p.Log)
}
