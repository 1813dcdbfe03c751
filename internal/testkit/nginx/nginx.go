package nginx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit/unprivileged"
)

// startTime bounds a start, which takes some milliseconds.
const startTime = 30 * time.Second

// A Config configures a server.
type Config struct {
	// HTTP is what stands in the block http. The word ADDRESS in it becomes the host:port
	// on which the server has to listen, for example "server { listen ADDRESS ssl; }".
	HTTP string
	// Files are further files, such as certificates, by the names that HTTP calls them.
	Files map[string][]byte
}

// frame is around Config.HTTP.
const frame = `daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 512; }
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	%s
}
`

// Start starts a server, which stops when the test ends, and returns its host:port. It
// runs without the rights of root. If the test fails, its log has what nginx wrote.
func Start(t testing.TB, c Config) string {
	t.Helper()
	program := require(t)
	dir, err := os.MkdirTemp("", "nginx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }() // nginx has its own descriptor
	addr := ln.Addr().String()
	if err := write(dir, addr, c); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command("/bin/sh", "-c", supervise, "sh", program, "-p", dir, "-c", "nginx.conf"), ready: make(chan struct{}), ended: make(chan struct{})}
	if err := p.start(dir, ln.(*net.TCPListener)); err != nil {
		t.Fatalf("start nginx: %v", err)
	}
	t.Cleanup(func() { p.stop(t) })
	p.wait(t)
	return addr
}

// write writes the files of the server and gives them to its user.
func write(dir, addr string, c Config) error {
	files := map[string][]byte{"nginx.conf": fmt.Appendf(nil, frame, strings.ReplaceAll(c.HTTP, "ADDRESS", addr))}
	for name, content := range c.Files {
		files[name] = content
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, content, 0o600), unprivileged.Own(path)); err != nil {
			return err
		}
	}
	return unprivileged.Own(dir)
}

// supervise runs nginx until stdin ends, which also happens when the test is killed.
const supervise = `"$@" & program=$!; read end; kill -s TERM $program; wait $program`

// A process is a running server.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ready chan struct{} // closed when the server listens
	ended chan struct{} // closed when it has ended
	mu    sync.Mutex    // protects log
	log   strings.Builder
}

// start runs nginx, which takes over the listener as if after an upgrade of itself. So no
// other program can take the port in between.
func (p *process) start(dir string, ln *net.TCPListener) (err error) {
	socket, err := ln.File()
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }()
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StderrPipe()
	if err != nil {
		return err
	}
	p.cmd.Dir, p.cmd.Env = dir, []string{"LC_ALL=C", "NGINX=3;"}
	p.cmd.ExtraFiles = []*os.File{socket}
	if err := errors.Join(unprivileged.As(p.cmd), p.cmd.Start()); err != nil {
		return err
	}
	go p.read(out)
	return nil
}

// read keeps the log until nginx has ended, then waits for the supervisor.
func (p *process) read(out io.Reader) {
	defer close(p.ended)
	lines, ready := bufio.NewScanner(out), p.ready
	for lines.Scan() {
		p.mu.Lock()
		p.log.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
		if ready != nil && strings.Contains(lines.Text(), "start worker process ") { // it listens before it says so
			close(ready)
			ready = nil
		}
	}
	_ = p.stdin.Close()
	_ = p.cmd.Wait() // the signal is what ends it
}

// wait fails the test unless nginx listens in time.
func (p *process) wait(t testing.TB) {
	t.Helper()
	select {
	case <-p.ready:
	case <-p.ended:
		t.Fatal("nginx did not start")
	case <-time.After(startTime):
		t.Fatalf("nginx did not start within %v", startTime)
	}
}

// stop ends nginx, and shows its log if the test has failed.
func (p *process) stop(t testing.TB) {
	_ = p.stdin.Close()
	<-p.ended
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.Failed() {
		t.Logf("nginx wrote:\n%s", p.log.String())
	}
}
