package testkit

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Conn is a connection for raw bytes. One goroutine that the test waits for may use it.
// It closes with the test, and gives up after Patience.
type Conn struct {
	net.Conn
	T  testing.TB
	In *bufio.Reader
}

// Dial connects to a server at host:port.
func Dial(t testing.TB, addr string) *Conn {
	t.Helper()
	return DialTLS(t, addr, nil)
}

// DialTLS is Dial with TLS, if secure is not nil. The first byte that is sent makes the
// handshake.
func DialTLS(t testing.TB, addr string, secure *tls.Config) *Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatalf("Dial(%s) = %v", addr, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(Patience)); err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		c = tls.Client(c, secure)
	}
	return &Conn{Conn: c, T: t, In: bufio.NewReader(c)}
}

// Send writes bytes. It ignores a write error, because a server that refuses early may
// close its side first; the answer then shows why.
func (c *Conn) Send(raw string) {
	c.T.Helper()
	_, err := io.WriteString(c.Conn, raw)
	if err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		c.T.Errorf("Write(%.40q) = %v", raw, err)
	}
}

// Receive reads one complete answer to a request of this method. Without an answer it
// fails the test and returns a Reply with status 0.
func (c *Conn) Receive(method string) *Reply {
	c.T.Helper()
	res, err := http.ReadResponse(c.In, &http.Request{Method: method})
	if err != nil {
		return noReply(c.T, method, err)
	}
	r, err := newReply(c.T, method, time.Time{}, res)
	if err != nil {
		return noReply(c.T, method, err)
	}
	return r
}

// Ask sends a request and reads its answer.
func (c *Conn) Ask(raw string) *Reply {
	c.T.Helper()
	sent := time.Now()
	c.Send(raw)
	method, _, _ := strings.Cut(raw, " ")
	r := c.Receive(method)
	r.Sent, r.What = sent, raw[:min(len(raw), 60)]
	return r
}

// ExpectClosed fails the test unless the server has closed the connection.
func (c *Conn) ExpectClosed() {
	c.T.Helper()
	if b, err := c.In.ReadByte(); err != io.EOF {
		c.T.Errorf("after the last answer: Read() = %q, %v; want EOF", b, err)
	}
}
