package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
)

// A Server is a running peer.
type Server struct {
	URL string // http://127.0.0.1:PORT
	*Process
}

// buildTimeout is enough for a build without a cache.
const buildTimeout = 5 * time.Minute

// Build builds the product of this repository in dir and returns the binary's path.
func Build(ctx context.Context, dir string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	binary := filepath.Join(dir, "pagesession.exe") // Windows needs the ending
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "pagesession").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the product; run this inside the repository: %w\n%s", err, out)
	}
	return binary, nil
}

// startJudged starts the product as an operator would, with an empty data folder. The
// floors hold with metrics on.
func startJudged(ctx context.Context, w Workshop, dir string) (Server, error) {
	return StartProduct(ctx, w, dir, "--idle-timeout", load.IdleTimeout.String(), "--metrics-addr", "127.0.0.1:0")
}

// StartProduct starts the product on dir/data and returns once it is ready.
func StartProduct(ctx context.Context, w Workshop, dir string, flags ...string) (Server, error) {
	return startAt(ctx, "/readyz", func(addr string) (*Process, error) { return BeginProduct(w, dir, addr, flags...) })
}

// BeginProduct starts the product on dir/data at an address and returns at once.
func BeginProduct(w Workshop, dir, addr string, flags ...string) (*Process, error) {
	args := append([]string{"--addr", addr, "--data-dir", filepath.Join(dir, "data")}, flags...)
	c, err := start(dir, w.Product, args...)
	if err == nil {
		c.patience = w.Patience
	}
	return c, err
}

// startAt starts a server on a free address and returns once it answers the path.
func startAt(ctx context.Context, path string, begin func(addr string) (*Process, error)) (Server, error) {
	port, err := freePort()
	if err != nil {
		return Server{}, err
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	c, err := begin(addr)
	if err != nil {
		return Server{}, err
	}
	s := Server{URL: "http://" + addr, Process: c}
	if err := c.ready(ctx, func(context.Context) error { return s.answers(path, time.Second) }); err != nil {
		return Server{}, errors.Join(err, c.Stop())
	}
	return s, nil
}

// freePort returns a port of the loopback that was free a moment ago.
func freePort() (int, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer free.Close()
	return free.Addr().(*net.TCPAddr).Port, nil
}

const (
	startTimeout  = 20 * time.Second     // bounds the wait for a server to answer, see Workshop.Patience
	readyInterval = 5 * time.Millisecond // precision of the time that a start takes
)

// Ready reports whether /readyz answers 200.
func (s Server) Ready() bool { return s.answers("/readyz", load.AnswerTimeout) == nil }

func (s Server) answers(path string, timeout time.Duration) error {
	status, _, err := fasthttp.GetTimeout(nil, s.URL+path, timeout)
	if err == nil && status != fasthttp.StatusOK {
		err = fmt.Errorf("%s answered %d", path, status)
	}
	return err
}

// SessionFile returns the session file of a product in dir.
func SessionFile(dir string) string { return filepath.Join(dir, "data", "sessions.db") }
