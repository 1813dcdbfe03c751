//go:build linux

package promises

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// An injector is strace attached to a server: it makes system calls fail or hang.
type injector struct {
	cmd   *exec.Cmd
	hit   chan struct{} // closed at the first call that it changed
	ended chan struct{}
	hits  atomic.Int64
	once  sync.Once
}

// inject changes the first such call of each of the server's threads, and each one after
// it, until it is stopped. how is strace's: fdatasync:error=EIO.
func (a *arena) inject(s *server, how string) (*injector, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	call, _, _ := strings.Cut(how, ":")
	i := &injector{hit: make(chan struct{}), ended: make(chan struct{})}
	i.cmd = exec.Command("strace", "-f", "-p", fmt.Sprint(s.pid()), "-o", "/dev/fd/3", "-e", "trace="+call, "-e", "inject="+how, "-e", "signal=none")
	i.cmd.ExtraFiles = []*os.File{w}
	said, err := i.cmd.StderrPipe()
	if err == nil {
		err = i.cmd.Start()
	}
	_ = w.Close()
	if err != nil {
		_ = r.Close()
		return nil, fmt.Errorf("attach strace: %w", err)
	}
	attached := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(said).ReadString('\n')
		attached <- line
	}()
	go i.read(r)
	if line := <-attached; !strings.Contains(line, "attached") {
		i.stop()
		return nil, fmt.Errorf("attach strace: %s", line)
	}
	return i, nil
}

// read counts the calls that were changed.
func (i *injector) read(r *os.File) {
	defer close(i.ended)
	defer r.Close()
	for in := bufio.NewScanner(r); in.Scan(); {
		if !strings.Contains(in.Text(), "INJECTED") && !strings.Contains(in.Text(), "DELAYED") {
			continue
		}
		if i.hits.Add(1) == 1 {
			close(i.hit)
		}
	}
}

// waitHit waits until a call was changed, and reports whether one was.
func (i *injector) waitHit(within time.Duration) bool {
	select {
	case <-i.hit:
		return true
	case <-time.After(within):
		return false
	}
}

// stop lets the server go on as it is. It can be called again.
func (i *injector) stop() { i.once.Do(i.detach) }

func (i *injector) detach() {
	_ = i.cmd.Process.Signal(syscall.SIGTERM) // fails where the server has taken strace along
	select {
	case <-i.ended:
	case <-time.After(time.Second): // a delayed call keeps it
		_ = i.cmd.Process.Kill()
	}
	<-i.ended
	_ = i.cmd.Wait()
}
