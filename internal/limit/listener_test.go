package limit_test

import (
	"net"
	"net/netip"
	"testing"

	"pagesession/internal/limit"
	"pagesession/internal/testkit"
)

// accepting returns the address of a listener with a limit, and what it accepts.
func accepting(t *testing.T, most int, networkOf func(net.Addr) netip.Addr) (addr string, accepted <-chan net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited, conns := limit.Listener(ln, most, networkOf), make(chan net.Conn)
	t.Cleanup(func() { _ = limited.Close() })
	go func() {
		for {
			c, err := limited.Accept()
			if err != nil {
				return
			}
			conns <- c
		}
	}()
	return ln.Addr().String(), conns
}

// A network at its limit gets no further connection until one of its own closes. Closing
// one twice makes no room for a second one.
func TestListener(t *testing.T) {
	addr, accepted := accepting(t, 2, func(net.Addr) netip.Addr { return mallory })
	testkit.Dial(t, addr)
	first := <-accepted
	testkit.Dial(t, addr)
	second := <-accepted
	testkit.Dial(t, addr).ExpectClosed()
	_ = first.Close()
	_ = first.Close()
	testkit.Dial(t, addr)
	third := <-accepted
	testkit.Dial(t, addr).ExpectClosed()
	_, _ = second.Close(), third.Close()
}

// Peers without a network have no limit, nor has any without a number.
func TestListener_Unlimited(t *testing.T) {
	for _, test := range []struct {
		most    int
		network netip.Addr
	}{{1, netip.Addr{}}, {0, mallory}} {
		addr, accepted := accepting(t, test.most, func(net.Addr) netip.Addr { return test.network })
		for range 5 {
			testkit.Dial(t, addr)
			defer (<-accepted).Close()
		}
	}
}
