package caddy

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

// startTime bounds a start, which takes some tenths of a second.
const startTime = 30 * time.Second

// starts is how often a port is chosen: another program may take it before Caddy does.
const starts = 5

var errMissing = errors.New(`caddy is missing; install Debian's package "caddy"`)

// A Config configures a server.
type Config struct {
	// Sites is a Caddyfile without global options. The word PORT in it becomes the port on
	// which the server has to listen, for example "http://:PORT { respond hello }".
	Sites string
	// Files are further files, such as certificates, by the names that Sites calls them.
	Files map[string][]byte
}

// frame is around Config.Sites. Caddy opens no other ports, and orders no certificates.
const frame = `{
	admin off
	auto_https off
	default_bind 127.0.0.1
	servers {
		protocols h1 h2
	}
}
%s
`

// Start starts a server, which stops when the test ends, and returns its host:port. It runs
// without the rights of root. If the test fails, its log has what Caddy wrote.
func Start(t testing.TB, c Config) string {
	t.Helper()
	path, err := exec.LookPath("caddy")
	if err != nil {
		err = errMissing
	}
	program := unprivileged.Require(t, path, err)
	for range starts {
		addr, p, err := try(t, program, c)
		if err == nil {
			t.Cleanup(func() {
				p.End("TERM")
				if t.Failed() {
					t.Logf("Caddy wrote:\n%s", p.Log())
				}
			})
			return addr
		}
		if !strings.Contains(err.Error(), "address already in use") {
			t.Fatalf("start Caddy: %v", err)
		}
	}
	t.Fatalf("start Caddy: %d ports were taken by other programs", starts)
	return ""
}

// try starts Caddy on a port that was free a moment ago.
func try(t testing.TB, program string, c Config) (addr string, p *unprivileged.Process, err error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "caddy")
	if err != nil {
		return "", nil, err
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if addr, err = freeAddr(); err != nil {
		return "", nil, err
	}
	if err := write(dir, addr, c); err != nil {
		return "", nil, err
	}
	cmd := exec.Command(program, "run", "--config", "Caddyfile", "--adapter", "caddyfile")
	cmd.Dir, cmd.Env = dir, []string{"HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}
	p, err = unprivileged.Start(cmd, "serving initial configuration", time.Now().Add(startTime))
	return addr, p, err
}

func freeAddr() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String(), nil
}

// write writes the files of the server and gives them to its user.
func write(dir, addr string, c Config) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	files := map[string][]byte{"Caddyfile": fmt.Appendf(nil, frame, strings.ReplaceAll(c.Sites, "PORT", port))}
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
