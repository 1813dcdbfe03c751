package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pagesession/internal/testkit/unprivileged"
)

// debian is where Debian keeps the programs of each version, outside of PATH.
const debian = "/usr/lib/postgresql/*/bin/postgres"

var errMissing = errors.New(`PostgreSQL is missing; install Debian's package "postgresql"`)

// programs returns the folder of the newest PostgreSQL on this machine.
func programs() (string, error) {
	found, err := filepath.Glob(debian)
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errMissing
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return filepath.Dir(path), nil
}

// version returns the version in a path that matches debian.
func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for a name of another form
	return n
}

// require returns the programs' folder. It skips the test where they are missing.
func require(t testing.TB) string {
	t.Helper()
	dir, err := programs()
	return unprivileged.Require(t, dir, err)
}

// folder makes the folder of a server. Its path is short, because the socket's may have
// 107 bytes.
func folder() (string, error) {
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return "", err
	}
	if len(dir) > 80 {
		return "", errors.Join(fmt.Errorf("the path of folder %q is too long for a socket; set TMPDIR to a shorter one", dir), os.Remove(dir))
	}
	return dir, nil
}
