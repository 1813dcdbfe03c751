//go:build !unix

package onemachine

import (
	"errors"
	"os/exec"
)

var errUnix = errors.New("several servers on one machine need Unix; use deploy/compose-several.yml")

func apart(*exec.Cmd) error { return errUnix }

func unprivileged(*exec.Cmd, string) error { return errUnix }
