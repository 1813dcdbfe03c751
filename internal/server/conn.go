package server

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// conn is a connection that is counted, and whose reads end when draining.
type conn struct {
	net.Conn
	conns   *connections
	surplus bool        // beyond the limit, here only to be told 503
	idle    atomic.Bool // between two requests
	linger  atomic.Bool // see Close
	once    sync.Once

	// Deadlines of the engine, which alone sets them.
	readBy, readSet     time.Time // wanted; set
	writeBy             time.Time
	readStep, writeStep time.Duration
}

// trackState is the engine's ConnState hook. Active comes before the deadline
// of a request is set, and Idle before that of the pause after it.
func trackState(c net.Conn, state fasthttp.ConnState) {
	if c, ok := c.(*conn); ok {
		c.idle.Store(state == fasthttp.StateIdle)
	}
}

// SetReadDeadline takes note of a deadline, for Read. The engine sets two for each
// request, and moving a timer is 1 % of a refresh; most requests are there whole
// with their first byte.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.readBy = t
	return nil
}

// Read reads until the deadline, or for up to readStep less.
func (c *conn) Read(b []byte) (int, error) {
	if err := c.moveReadDeadline(); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// moveReadDeadline sets the deadline that is wanted, unless the one that is set
// is near enough. While draining, reads end by drainBy, and between two requests
// at once. Draining may begin at this moment: this sets first and then looks, drain
// stores first and then sets, so the earlier time wins.
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

// SetWriteDeadline moves the deadline in steps of writeStep, for the same reason. A
// write may then take that much less than its limit.
func (c *conn) SetWriteDeadline(t time.Time) error {
	if near(t, c.writeBy, c.writeStep) {
		return nil
	}
	c.writeBy = t
	return c.Conn.SetWriteDeadline(t)
}

// near reports whether a deadline that is wanted is the one that is set, or less
// than a step behind it.
func near(wanted, set time.Time, step time.Duration) bool {
	if wanted.IsZero() || set.IsZero() {
		return wanted.Equal(set)
	}
	return !wanted.Before(set) && wanted.Sub(set) < step
}

// stepOf is a tenth of a limit, and no more than a second.
func stepOf(limit time.Duration) time.Duration { return min(limit/10, time.Second) }

// hurry ends the wait for a next request now, and the rest of one by then.
func (c *conn) hurry(by time.Time) error {
	if c.idle.Load() {
		by = time.Unix(1, 0)
	}
	return c.Conn.SetReadDeadline(by)
}

// Bounds of what is read after a refusal: enough for a body that is somewhat too
// large.
const (
	lingerBytes   = 1 << 20
	lingerTimeout = 2 * time.Second
)

// Close frees the connection's place and then closes it: a client that comes again
// at once finds room. After a refusal it first reads what the client is still
// sending. Closing with bytes unread resets the connection, and the client would
// never see the 413.
func (c *conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		if c.linger.Load() {
			c.seeOff()
		}
		c.conns.remove(c)
		err = c.Conn.Close()
	})
	return err
}

// seeOff ends our side, and reads the client's.
func (c *conn) seeOff() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.Conn.SetReadDeadline(time.Now().Add(lingerTimeout)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes) // whatever ends it, we close now
}
