package server

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// listener counts what it accepts and outlives a shortage of descriptors.
// Accept is called by one goroutine, the engine's.
type listener struct {
	net.Listener
	conns  *connections
	closed chan struct{}
	once   sync.Once
}

// Pauses after an accept that failed for want of something. They double; the
// shortage ends when some connection does, and asking sooner costs CPU only.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = time.Second
)

// Accept returns the next connection that there is room for. The engine would
// take the first EMFILE for the end and stop the server.
func (l *listener) Accept() (net.Conn, error) {
	pause := firstPause
	for {
		c, err := l.Listener.Accept()
		switch {
		case err == nil:
			if counted := l.admit(c); counted != nil {
				return counted, nil
			}
		case l.isClosed():
			return nil, net.ErrClosed // the one error that the engine takes for an order
		case !passes(err):
			return nil, err
		default:
			if pause == firstPause {
				l.conns.log.Warn("cannot accept connections for now", "error", err)
			}
			l.sleep(pause)
			pause = min(2*pause, longestPause)
			continue
		}
		pause = firstPause
	}
}

// admit counts c, or turns it away.
func (l *listener) admit(c net.Conn) net.Conn {
	if tcp, ok := c.(*net.TCPConn); ok {
		keepAlive(tcp)
	}
	if counted := l.conns.add(c); counted != nil {
		return counted
	}
	turnAway(c)
	return nil
}

// Close stops Accept. Only the first call does anything.
func (l *listener) Close() error {
	var err error
	l.once.Do(func() {
		close(l.closed)
		err = l.Listener.Close()
	})
	return err
}

func (l *listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// sleep pauses, unless the listener is closed meanwhile.
func (l *listener) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.closed:
	}
}

// passes reports whether an accept that failed with err may succeed later.
func passes(err error) bool {
	for _, e := range []syscall.Errno{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, // short of something
		syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EINTR, // that client only
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// keepAlive finds out about clients that vanished without a word, a little
// before the idle timeout would end them anyway.
func keepAlive(c *net.TCPConn) {
	_ = c.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable:   true,
		Idle:     15 * time.Second,
		Interval: 15 * time.Second,
		Count:    3,
	}) // without it the timeouts still hold
}
