package server

import "net/netip"

// A census counts connections, all and those of each network. Its user holds a lock.
type census struct {
	all      map[*conn]struct{}
	networks map[netip.Addr]int
}

func newCensus() census {
	return census{all: make(map[*conn]struct{}), networks: make(map[netip.Addr]int)}
}

// isFull reports whether the network of c has most connections; 0: any number. A
// connection without a network has no such limit.
func (n *census) isFull(network netip.Addr, most int) bool {
	return network.IsValid() && most > 0 && n.networks[network] >= most
}

// add counts c to its network.
func (n *census) add(c *conn) {
	n.all[c] = struct{}{}
	if c.network.IsValid() {
		n.networks[c.network]++
	}
}

// remove takes c out, if it was added, and reports whether it was.
func (n *census) remove(c *conn) bool {
	if _, counted := n.all[c]; !counted {
		return false
	}
	delete(n.all, c)
	if n.networks[c.network]--; n.networks[c.network] <= 0 {
		delete(n.networks, c.network)
	}
	return true
}
