//go:build !unix

package postgres

import (
	"errors"
	"os/exec"
)

func canStart() error { return errors.New("the tests with PostgreSQL need Unix") }

func own(string) error { return nil }

func as(*exec.Cmd) error { return nil }
