package server

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// A listener that is closed while it waits for its last clients, as one is whose clients come
// all the time, ends at once. It must not try again and again.
func TestListener_ClosedWhileRetiring(t *testing.T) {
	l := &listener{Listener: &closesEarly{}, closed: make(chan struct{}), retired: make(chan struct{})}
	l.retiring.Store(true)
	ended := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept = %v; want net.ErrClosed", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Accept goes on after the listener has closed")
	}
}

// closesEarly is a listener that has no client in time once, and is closed then. After a
// thousand calls it has one, so that a test that fails ends.
type closesEarly struct {
	net.Listener
	calls int
}

func (c *closesEarly) Accept() (net.Conn, error) {
	c.calls++
	switch {
	case c.calls == 1:
		return nil, os.ErrDeadlineExceeded
	case c.calls > 1000:
		return nil, errors.New("called a thousand times")
	}
	return nil, net.ErrClosed
}

func (*closesEarly) SetDeadline(time.Time) error { return net.ErrClosed }
