package firefox

import (
	"errors"
	"os/exec"
	"testing"

	"pagesession/internal/testkit/unprivileged"
)

var errMissing = errors.New(`no Firefox found; install Debian's package "firefox-esr"`)

// program returns the path of Firefox.
func program() (string, error) {
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errMissing
}

// Require skips the test where Firefox is missing. Where the variable CI is true it fails
// it.
func Require(t testing.TB) {
	t.Helper()
	path, err := program()
	unprivileged.Require(t, path, err)
}
