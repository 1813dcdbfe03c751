package server

import (
	"errors"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"
)

// listener counts the connections that it accepts and continues after a shortage of file
// descriptors. Only the engine's goroutine calls Accept.
type listener struct {
	net.Listener
	conns  *connections
	closed chan struct{}
	once   sync.Once
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
	pause := firstPause
	for {
		c, err := l.Listener.Accept()
		switch {
		case err == nil:
			counted, refusal := l.conns.add(c)
			if counted != nil {
				return counted, nil
			}
			turnAway(c, refusal)
		case errors.Is(err, net.ErrClosed):
			return nil, net.ErrClosed // the engine then returns without an error
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
