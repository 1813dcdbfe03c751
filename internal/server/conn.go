package server

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// conn is a counted connection. Its reads end when the server drains.
type conn struct {
	net.Conn // a *tls.Conn for a tlsConn
	conns    *connections
	network  netip.Addr  // that it is counted to; zero: none
	surplus  bool        // beyond the limit: gets a 503
	idle     atomic.Bool // between two requests
	linger   atomic.Bool // see Close
	once     sync.Once
	watch    watch // of the bytes that Read returns
	looked   bool  // lastLook was called; of Read

	// Deadlines, set only by the engine's goroutine of this connection.
	readBy, readSet     time.Time // the engine's deadline; the one that is set
	writeBy             time.Time
	readStep, writeStep time.Duration
}

// trackState is the engine's ConnState hook. The engine calls it before it sets the
// deadline of a request, and before that of the pause after it.
func trackState(c net.Conn, state fasthttp.ConnState) {
	if c := unwrap(c); c != nil {
		c.idle.Store(state == fasthttp.StateIdle)
		if state == fasthttp.StateIdle {
			c.watch.next()
		}
	}
}

// SetReadDeadline stores a deadline for the next Read. The engine sets two deadlines for
// each request, and moving a timer costs 1 % of a refresh. Most requests arrive in one
// piece, so Read rarely needs to set it.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.readBy = t
	return nil
}

// Read reads until the deadline, or until up to readStep before it. It returns an error
// at once for a head that cannot become a good one.
func (c *conn) Read(b []byte) (int, error) {
	if err := c.watch.wait(len(b)); err != nil {
		return 0, err
	}
	if err := c.moveReadDeadline(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if n == 0 && c.idle.Load() && c.conns.isDraining() && errors.Is(err, os.ErrDeadlineExceeded) {
		n, err = c.lastLook(b)
	}
	c.watch.got(b[:n])
	return n, err
}

// lookTime is long enough to find a request that is there, also on a busy machine.
const lookTime = 20 * time.Millisecond

// lastLook reads a request that has arrived while draining ended the wait for it: its client
// would lose it.
func (c *conn) lastLook(b []byte) (int, error) {
	if c.looked {
		return 0, os.ErrDeadlineExceeded
	}
	c.looked = true
	if err := c.Conn.SetReadDeadline(time.Now().Add(lookTime)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	c.readSet = longAgo // so the deadline for the rest of the request is set
	return n, err
}

// moveReadDeadline sets the engine's deadline, unless the one that is set is near enough.
// While draining, reads end by drainBy, and between two requests at once. Draining may
// begin at this moment: moveReadDeadline sets the deadline and then reads drainBy, drain
// stores drainBy and then sets deadlines, so the earlier time wins.
func (c *conn) moveReadDeadline() error {
	if near(c.readBy, c.readSet, c.readStep) {
		return nil
	}
	c.readSet = c.readBy
	err := c.Conn.SetReadDeadline(c.readBy)
	if by := c.conns.drainBy.Load(); err == nil && by != nil && (c.idle.Load() || c.readBy.After(*by)) {
		return c.hurry(*by)
	}
	return err
}

// SetWriteDeadline moves the deadline in steps of writeStep, for the same reason. This
// takes up to writeStep from the limit of a write.
func (c *conn) SetWriteDeadline(t time.Time) error {
	if near(t, c.writeBy, c.writeStep) {
		return nil
	}
	c.writeBy = t
	return c.Conn.SetWriteDeadline(t)
}

// near reports whether the wanted deadline is the one that is set, or less than a step
// after it.
func near(wanted, set time.Time, step time.Duration) bool {
	if wanted.IsZero() || set.IsZero() {
		return wanted.Equal(set)
	}
	return !wanted.Before(set) && wanted.Sub(set) < step
}

// stepOf returns a tenth of a limit, at most a second.
func stepOf(limit time.Duration) time.Duration { return min(limit/10, time.Second) }

// longAgo is a deadline that ends a read at once.
var longAgo = time.Unix(1, 0)

// hurry ends the wait for the next request at once, and the read of a request by then.
func (c *conn) hurry(by time.Time) error {
	if c.idle.Load() {
		by = longAgo
	}
	return c.Conn.SetReadDeadline(by)
}

// Bounds of the read after a refusal. They suffice for a body that is a little too large.
const (
	lingerBytes   = 1 << 20
	lingerTimeout = 2 * time.Second
)

// Close removes the connection from the count and then closes it, so a client that
// connects again at once finds room. After a refusal it first reads what the client is
// still sending: closing with unread bytes resets the connection, and the client would
// miss the 413.
func (c *conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		if c.linger.Load() {
			seeOff(c.Conn)
		}
		c.conns.remove(c)
		err = c.Conn.Close()
	})
	return err
}

// seeOff closes the write side and reads what the client still sends. With TLS the write
// side ends with a message, and TCP stays open.
func seeOff(c net.Conn) {
	half, ok := c.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.SetReadDeadline(time.Now().Add(lingerTimeout)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, c, lingerBytes) // after any error the connection is closed, too
}
