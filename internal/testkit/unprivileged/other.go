//go:build !unix

package unprivileged

import (
	"errors"
	"os/exec"
)

// Available returns an error, because other systems have no such users.
func Available() error { return errors.New("tests with servers of other projects need Unix") }

// Own does nothing.
func Own(string) error { return nil }

// As does nothing.
func As(*exec.Cmd) error { return nil }
