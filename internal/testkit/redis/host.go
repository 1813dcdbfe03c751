package redis

import (
	"context"
	"crypto/tls"
	"net"
)

// A Host is where servers run. The zero value is the loopback.
type Host struct {
	Address string
	// Do runs a function in the host's network, see testkit/netns. Sockets and processes
	// that it makes are there.
	Do func(func() error) error
}

func (h *Host) address() string {
	if h.Address == "" {
		return "127.0.0.1"
	}
	return h.Address
}

func (h *Host) do(f func() error) error {
	if h.Do == nil {
		return f()
	}
	return h.Do(f)
}

// Dial makes a connection from the host.
func (h *Host) Dial(ctx context.Context, to string, d *net.Dialer, _ *tls.Config) (conn net.Conn, err error) {
	err = h.do(func() error {
		conn, err = d.DialContext(ctx, "tcp", to)
		return err
	})
	return conn, err
}
