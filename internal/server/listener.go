package server

import (
	"errors"
	"net"
	"slices"
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
			if counted := l.conns.add(c); counted != nil {
				return counted, nil
			}
			turnAway(c)
		case errors.Is(err, net.ErrClosed):
			return nil, net.ErrClosed // the one error that the engine takes for an order
		case !passes(err):
			return nil, err
		default:
			if pause == firstPause {
				l.conns.log.Warn("cannot accept connections for now", "error", err)
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

// Close stops Accept. Only the first call does anything.
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
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, // short of something
		syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EINTR, // that client only
	}, func(target error) bool { return errors.Is(err, target) })
}
