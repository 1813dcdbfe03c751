//go:build !linux

// Package promises attacks the server on purpose. It needs Linux.
package promises

import (
	"context"
	"errors"
	"io"
)

// Command returns an error: only Linux has what the attacks need.
func Command(context.Context, []string, io.Writer) error {
	return errors.New("go run ./bench promises needs Linux")
}
