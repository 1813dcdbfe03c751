package nginx

import (
	"errors"
	"os/exec"
	"testing"

	"pagesession/internal/testkit/unprivileged"
)

var errMissing = errors.New(`nginx is missing; install Debian's package "nginx-light"`)

// program returns the path of nginx. Debian keeps it in a folder that is not in every
// PATH.
func program() (string, error) {
	for _, name := range []string{"nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errMissing
}

// require returns nginx's path. It skips the test where nginx is missing.
func require(t testing.TB) string {
	t.Helper()
	path, err := program()
	return unprivileged.Require(t, path, err)
}
