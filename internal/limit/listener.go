package limit

import (
	"net"
	"net/netip"
	"sync"
)

// Listener returns ln with at most so many open connections of each network; 0 is any
// number, and returns ln itself. Further ones are closed at once, unread. networkOf returns
// the network of a peer; the zero Addr if it has no limit. It is safe for concurrent use, as
// ln is.
func Listener(ln net.Listener, most int, networkOf func(peer net.Addr) netip.Addr) net.Listener {
	if most == 0 {
		return ln
	}
	return &listener{Listener: ln, most: most, networkOf: networkOf, open: make(map[netip.Addr]int)}
}

type listener struct {
	net.Listener
	most      int
	networkOf func(net.Addr) netip.Addr

	mu   sync.Mutex // protects open
	open map[netip.Addr]int
}

// Accept returns the next connection for which its network has room.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		network := l.networkOf(c.RemoteAddr())
		if !network.IsValid() {
			return c, nil
		}
		if l.add(network) {
			return &counted{Conn: c, remove: sync.OnceFunc(func() { l.remove(network) })}, nil
		}
		_ = c.Close()
	}
}

// add counts a connection; false if there is no room.
func (l *listener) add(network netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[network] >= l.most {
		return false
	}
	l.open[network]++
	return true
}

func (l *listener) remove(network netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[network]--; l.open[network] == 0 {
		delete(l.open, network)
	}
}

// counted is a connection that counts until its first Close.
type counted struct {
	net.Conn
	remove func()
}

func (c *counted) Close() error {
	c.remove()
	return c.Conn.Close()
}
