package redis

import (
	"errors"
	"net"
	"os/exec"
	"strconv"
	"testing"

	"pagesession/internal/testkit/unprivileged"
)

var errMissing = errors.New(`redis-server is missing; install Debian's package "redis-server"`)

// require returns the path of redis-server. It skips the test where it is missing.
func require(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		err = errMissing
	}
	return unprivileged.Require(t, path, err)
}

// freePort returns a port of the loopback that was free a moment ago. A cluster's second
// port is 10,000 above, so it has to be below 55,536.
func freePort() (int, error) {
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		port := l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			return 0, err
		}
		if port < 55000 && free(port+10000) {
			return port, nil
		}
	}
}

func free(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
