package server

import (
	"net"
	"time"
)

// The answers for a connection that is closed unread: there is no room at all, or too many
// of its network are open. One second is the shortest wait that Retry-After can name.
const (
	tooBusy = "HTTP/1.1 503 Service Unavailable" + closed
	tooMany = "HTTP/1.1 429 Too Many Requests" + closed

	closed = "\r\n" +
		"Connection: close\r\n" +
		"Retry-After: 1\r\n" +
		"Cache-Control: no-store\r\n" +
		"X-Content-Type-Options: nosniff\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n" +
		"Content-Length: 0\r\n" +
		"\r\n"
)

// turnAway answers c without reading the request, and closes it. It runs between two
// accepts, so it must be quick; the send buffer of a new connection has room.
func turnAway(c net.Conn, refusal string) {
	_ = c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	_, _ = c.Write([]byte(refusal)) // it fails if the client has gone
	_ = c.Close()
}
