package app

import (
	"net"

	"pagesession/internal/listen"
)

// listen listens on --addr.
func (a *app) listen() (net.Listener, error) {
	addr, err := listen.Parse(a.cfg.Addr)
	if err != nil {
		return nil, err
	}
	return addr.Listen()
}

// urlOf returns how to reach a listener: a URL, or unix: and the path of a socket.
func (a *app) urlOf(addr net.Addr) string {
	if addr.Network() == "unix" {
		return "unix:" + addr.String()
	}
	return a.scheme() + "://" + addr.String() + "/"
}
