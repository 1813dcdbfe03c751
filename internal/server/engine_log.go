package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"syscall"
)

// engineLog writes what the engine says of connections, at debug level because any client can
// cause it. Of an error it keeps the kind: the engine's own words have both addresses, and
// may quote a line of the request, which may be a cookie.
type engineLog struct{ *slog.Logger }

// Printf writes one line. Its arguments are those of the engine's messages.
func (l engineLog) Printf(_ string, args ...any) {
	cause := "too many connections"
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			cause = causeOf(err)
		}
	}
	l.Debug("connection failed", slog.String("cause", cause))
}

// causeOf names the kind of an error of a connection, without what either side sent.
func causeOf(err error) string {
	var errno syscall.Errno
	var network net.Error
	switch {
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "closed"
	}
	return fmt.Sprintf("answered with %d", ErrorStatus(err))
}

// withoutAddresses returns the error inside of one that names both ends of a connection.
func withoutAddresses(err error) error {
	if inner := (*net.OpError)(nil); errors.As(err, &inner) {
		return inner.Err
	}
	return err
}
