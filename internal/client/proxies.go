// Package client decides who sent a request: the client's address, the scheme and the
// host. It believes the headers of reverse proxies only if the peer of the connection is a
// trusted proxy.
//
// Resolver.Handler decides once for each request. Handlers behind it ask RequestCtx for the
// host, and this package for the rest: Address, IP, HTTPS, Local.
package client

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the peers whose headers are believed. The zero Proxies has none. It is
// immutable and safe for concurrent use.
type Proxies struct {
	networks []netip.Prefix
	unix     bool // peers on a Unix socket
}

// unixPeers is the entry for peers on a Unix socket.
const unixPeers = "unix"

// Parse reads a list such as "127.0.0.1, 10.0.0.0/8, 2001:db8::/32, unix"; "" is none.
//
// An error completes the sentence `NAME="value" …` and says what to write.
func Parse(s string) (Proxies, error) {
	var p Proxies
	if strings.TrimSpace(s) == "" {
		return p, nil
	}
	for entry := range strings.SplitSeq(s, ",") {
		entry = strings.TrimSpace(entry)
		if entry == unixPeers {
			p.unix = true
			continue
		}
		network, err := parseNetwork(entry)
		if err != nil {
			return Proxies{}, err
		}
		if !slices.Contains(p.networks, network) {
			p.networks = append(p.networks, network)
		}
	}
	return p, nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	if s == "" {
		return netip.Prefix{}, errors.New("has an empty entry; use for example 127.0.0.1,10.0.0.0/8,unix")
	}
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("has the invalid entry %+.80q; use addresses, networks such as 10.0.0.0/8, or unix", s)
	}
	if network.Masked() != network {
		return netip.Prefix{}, fmt.Errorf("has the entry %s with bits beyond its length; use %s", network, network.Masked())
	}
	return unmapped(network)
}

// unmapped returns ::ffff:10.0.0.0/104 as 10.0.0.0/8, because peers are compared as IPv4.
func unmapped(network netip.Prefix) (netip.Prefix, error) {
	if !network.Addr().Is4In6() {
		return network, nil
	}
	if network.Bits() < 96 {
		return netip.Prefix{}, fmt.Errorf("has the entry %s, which is more than the IPv4 addresses; use for example 0.0.0.0/0", network)
	}
	return netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-96), nil
}

// String returns the list in the form that Parse reads.
func (p Proxies) String() string {
	var all []string
	for _, n := range p.networks {
		if n.IsSingleIP() {
			all = append(all, n.Addr().String())
		} else {
			all = append(all, n.String())
		}
	}
	if p.unix {
		all = append(all, unixPeers)
	}
	return strings.Join(all, ",")
}

// Empty reports whether the list is empty.
func (p Proxies) Empty() bool { return len(p.networks) == 0 && !p.unix }

// Trusts reports whether an address is a trusted proxy's. The zero Addr stands for a peer
// on a Unix socket.
func (p Proxies) Trusts(addr netip.Addr) bool {
	if !addr.IsValid() {
		return p.unix
	}
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(p.networks, func(n netip.Prefix) bool { return n.Contains(addr) })
}
