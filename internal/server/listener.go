package server

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// listener counts the connections that it accepts and continues after a shortage of file
// descriptors. Only the engine's goroutine calls Accept.
type listener struct {
	net.Listener
	secure *tls.Config // nil: plain HTTP
	conns  *connections
	closed chan struct{}
	once   sync.Once

	accepting atomic.Bool   // Accept was called
	retiring  atomic.Bool   // see retire
	quiet     int           // times in a row that no client came while retiring; of Accept
	retired   chan struct{} // closed when no client is left to accept
}

// Pauses after an accept that failed because of a shortage. They double up to the longest.
// The shortage lasts until a connection ends, so trying more often only costs CPU.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = time.Second
)

// Accept returns the next connection for which there is room. It handles EMFILE itself,
// because the engine would stop the server.
func (l *listener) Accept() (net.Conn, error) {
	l.accepting.Store(true)
	pause := firstPause
	for {
		c, err := l.Listener.Accept()
		switch {
		case err == nil:
			l.quiet = 0
			l.awaitMore()
			if c := l.add(c); c != nil {
				return c, nil
			}
		case l.settled(err):
			close(l.retired)
			return nil, net.ErrClosed // the engine then returns without an error
		case errors.Is(err, net.ErrClosed):
			return nil, net.ErrClosed
		case l.quiet > 0 && errors.Is(err, os.ErrDeadlineExceeded):
			l.awaitMore()
			continue
		case !passes(err):
			return nil, err
		default:
			if pause == firstPause {
				l.conns.log.Warn("connections cannot be accepted; trying again", "error", err)
			}
			select {
			case <-time.After(pause):
			case <-l.closed:
			}
			pause = min(2*pause, longestPause)
			continue
		}
		pause = firstPause
	}
}

// add counts c, and turns it away if there is no room; then it returns nil. It leaves the
// handshake to the goroutine of the connection. Without one there is no way to say why.
func (l *listener) add(c net.Conn) net.Conn {
	if l.secure == nil {
		counted, refusal := l.conns.add(c)
		if counted != nil {
			return counted
		}
		turnAway(c, refusal)
		return nil
	}
	secure := tls.Server(c, l.secure)
	if counted, _ := l.conns.add(secure); counted != nil {
		return &tlsConn{conn: counted, secure: secure}
	}
	_ = c.Close()
	return nil
}

// Close stops Accept. Further calls do nothing.
func (l *listener) Close() error {
	var err error
	l.once.Do(func() {
		close(l.closed)
		err = l.Listener.Close()
	})
	return err
}

// passes reports whether an accept that failed with err may succeed later.
func passes(err error) bool {
	return slices.ContainsFunc([]error{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, // a shortage
		syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EINTR, // only this client
	}, func(target error) bool { return errors.Is(err, target) })
}
