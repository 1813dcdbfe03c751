package server

import (
	"net"
	"time"
)

// tooBusy is the whole answer for a connection that is not read. One second is
// the shortest wait that the header can say.
const tooBusy = "HTTP/1.1 503 Service Unavailable\r\n" +
	"Connection: close\r\n" +
	"Retry-After: 1\r\n" +
	"Cache-Control: no-store\r\n" +
	"X-Content-Type-Options: nosniff\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n" +
	"Content-Length: 0\r\n" +
	"\r\n"

// turnAway answers c unread. It runs between two accepts, so it must not wait; the
// send buffer of a new connection has room.
func turnAway(c net.Conn) {
	_ = c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	_, _ = c.Write([]byte(tooBusy)) // a client that has gone needs no answer
	_ = c.Close()
}
