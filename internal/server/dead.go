package server

import (
	"crypto/tls"
	"log/slog"
	"net"
)

// endIfDead has the system end the connection of a stream once its client has vanished: no
// end of it comes, and a write succeeds as long as the system has room for it. The option is
// set here and not on the listener, because sockets of Multipath TCP, with which Go listens,
// refuse it. If it fails the stream goes on, and the system decides when to give up.
func (c *conn) endIfDead() {
	inner := c.Conn
	if secure, ok := inner.(*tls.Conn); ok {
		inner = secure.NetConn()
	}
	socket, ok := inner.(*net.TCPConn)
	if !ok { // a Unix socket, whose peer cannot vanish
		return
	}
	raw, err := socket.SyscallConn()
	if err == nil {
		err = setUserTimeout(raw, c.conns.Unacknowledged)
	}
	if err != nil {
		c.conns.log.Debug("a client that vanishes keeps its stream for long", slog.Any("error", err))
	}
}
