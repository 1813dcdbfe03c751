//go:build linux

package promises

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// A setup says how a server is started.
type setup struct {
	program string        // what is started; "": the product
	data    string        // its data folder; "": the arena's
	idle    time.Duration // idle timeout; 0: a minute
	wrap    []string      // a command that ends by becoming the server
	flags   []string
	env     []string
	stderr  *os.File // nil: kept for a fault's text
}

// A server is one run of the product.
type server struct {
	URL  string
	idle time.Duration
	data string // its data folder
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how; read after done
	said *tail
	boot time.Duration // how long its start took
}

// A tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex // protects buf
	buf []byte
}

func (t *tail) Write(b []byte) (int, error) {
	const most = 32 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	t.buf = t.buf[max(0, len(t.buf)-most):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}

// start starts the product and does not wait for it.
func (a *arena) start(opt setup) (*server, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	addr := free.Addr().String()
	_ = free.Close()
	if opt.data == "" {
		opt.data = a.data
	}
	if opt.idle == 0 {
		opt.idle = time.Minute
	}
	args := append(opt.wrap, cmp.Or(opt.program, a.product), "--addr", addr, "--data-dir", opt.data, "--idle-timeout", opt.idle.String())
	args = append(args, opt.flags...)
	s := &server{URL: "http://" + addr, idle: opt.idle, data: opt.data, cmd: exec.Command(args[0], args[1:]...), done: make(chan struct{}), said: &tail{}}
	s.cmd.Env = append(append(plainEnv(), a.env...), opt.env...)
	s.cmd.Stderr = s.said
	if opt.stderr != nil {
		s.cmd.Stderr = opt.stderr
	}
	s.cmd.WaitDelay = 5 * time.Second
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the product: %w", err)
	}
	a.servers = append(a.servers, s)
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	return s, nil
}

// plainEnv is the environment without settings of the product.
func plainEnv() (env []string) {
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PAGESESSION_") && !strings.HasPrefix(e, plantedVariable+"=") {
			env = append(env, e)
		}
	}
	return env
}

// boot starts the product and returns when it is ready. A start that fails breaks a
// promise: then the error is errBroken.
func (a *arena) boot(opt setup) (*server, error) {
	began := time.Now()
	s, err := a.start(opt)
	if err != nil {
		return nil, err
	}
	if err := s.ready(30 * time.Second); err != nil {
		a.ledger.fault("P6", "the server does not start: %v: %s", err, s.lastWords())
		s.kill()
		return nil, errBroken
	}
	s.boot = time.Since(began)
	return s, nil
}

// errBroken ends an attack that cannot go on; the ledger says why.
var errBroken = errors.New("a promise was broken")

// ready waits until the server is.
func (s *server) ready(within time.Duration) error {
	const pause = 3 * time.Millisecond
	for end := time.Now().Add(within); ; time.Sleep(pause) {
		status, _, err := fasthttp.GetTimeout(nil, s.URL+"/readyz", time.Second)
		switch {
		case err == nil && status == fasthttp.StatusOK:
			return nil
		case !s.alive():
			return fmt.Errorf("it ended: %v", s.err)
		case time.Now().After(end):
			return fmt.Errorf("it is not ready after %v: %d, %v", within, status, err)
		}
	}
}

func (s *server) pid() int { return s.cmd.Process.Pid }

func (s *server) alive() bool {
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// endsWithin waits that long for the end and reports whether it came.
func (s *server) endsWithin(d time.Duration) bool {
	select {
	case <-s.done:
		return true
	case <-time.After(d):
		return false
	}
}

// kill ends the server as a crash does, and returns when it died.
func (s *server) kill() death {
	d := death{lastAct: now()}
	_ = s.cmd.Process.Signal(syscall.SIGCONT)
	_ = s.cmd.Process.Kill() // fails where it has ended already
	<-s.done
	d.at = now()
	return d
}

// stopTime is what P12 allows.
const stopTime = 5 * time.Second

// stop tells the server to stop and judges how it does. A server that hangs is killed.
func (a *arena) stop(s *server) death {
	began := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	if !s.endsWithin(stopTime) {
		a.ledger.fault("P12", "the server is still there %v after SIGTERM: %s", stopTime, s.lastWords())
		return s.kill()
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		a.ledger.fault("P12", "after SIGTERM the server ended with %d, %v: %s", code, time.Since(began), s.lastWords())
		return death{lastAct: now(), at: now()}
	}
	return death{lastAct: now(), at: now(), clean: true}
}

// lastWords is the end of what the server said.
func (s *server) lastWords() string {
	text := strings.TrimSpace(s.said.String())
	return text[max(0, len(text)-600):]
}

// panicked judges what a server said before it was killed.
func (a *arena) panicked(s *server) {
	for _, word := range []string{"panic:", "fatal error:", "DATA RACE", "[signal "} {
		if bytes.Contains([]byte(s.said.String()), []byte(word)) {
			a.ledger.fault("P6", "the server crashed: %s", s.said.String())
			return
		}
	}
}
