// Package network says which addresses count as one client: the rule of all limits.
package network

import "net/netip"

// Of returns the network that limits count an address to: an IPv4 address itself, or the
// /64 of an IPv6 address, which one household or one rented server has. An IPv4 address in
// IPv6 form counts as IPv4, and a zone does not count. Of the zero Addr it is the zero Addr.
func Of(addr netip.Addr) netip.Addr {
	if addr = addr.Unmap().WithZone(""); addr.Is4() || !addr.IsValid() {
		return addr
	}
	return netip.PrefixFrom(addr, 64).Masked().Addr()
}

// SiteOf returns the largest network that one customer has as a rule: an IPv4 address itself,
// or the /48 of an IPv6 address. Of the zero Addr it is the zero Addr.
func SiteOf(addr netip.Addr) netip.Addr {
	if addr = Of(addr); !addr.Is6() {
		return addr
	}
	return netip.PrefixFrom(addr, 48).Masked().Addr()
}
