package nginx

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	p, err := start(program, dir, ln.(*net.TCPListener))
	if err != nil {
		t.Fatalf("start nginx: %v", err)
	}
	t.Cleanup(func() {
		p.End("TERM")
		if t.Failed() {
			t.Logf("nginx wrote:\n%s", p.Log())
		}
	})
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

// start runs nginx, which takes over the listener as if after an upgrade of itself. So no
// other program can take the port in between.
func start(program, dir string, ln *net.TCPListener) (*unprivileged.Process, error) {
	socket, err := ln.File()
	if err != nil {
		return nil, err
	}
	defer func() { _ = socket.Close() }()
	cmd := exec.Command(program, "-p", dir, "-c", "nginx.conf")
	cmd.Dir, cmd.Env = dir, []string{"LC_ALL=C", "NGINX=3;"}
	cmd.ExtraFiles = []*os.File{socket}
	// It listens before it says so.
	return unprivileged.Start(cmd, "start worker process ", time.Now().Add(startTime))
}
