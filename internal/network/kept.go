package network

import (
	"errors"
	"net/netip"
)

// Kept says how much of a client's address is written: to sessions, the audit log and the
// log. Limits count with the whole address, which they have in memory only.
type Kept uint8

// The amounts. Their order is that of KeptNames.
const (
	KeptWhole Kept = iota
	// KeptNetwork keeps the /24 of an IPv4 address and the /48 of an IPv6 address: about
	// what one organisation or one street has, so an address names no household any more.
	// The /64 that limits count has one household, which is why it would say too much.
	KeptNetwork
	KeptNothing
)

const (
	keptBits4 = 24
	keptBits6 = 48
)

var keptNames = [...]string{"full", "network", "none"}

// String returns the name of an amount.
func (k Kept) String() string { return keptNames[k] }

// ParseKept reads a name.
func ParseKept(s string) (Kept, error) {
	for k, name := range keptNames {
		if s == name {
			return Kept(k), nil
		}
	}
	return KeptWhole, errors.New("is not one of the three; use full, network or none")
}

// Text returns what is kept of an address that is written as text: the text itself, a
// network such as 203.0.113.0/24, or "". A text that is not an address is kept only with
// KeptWhole.
func (k Kept) Text(address string) string {
	if k == KeptWhole {
		return address
	}
	if of, ok := k.prefix(ParseAddr(address)); ok {
		return of.String()
	}
	return ""
}

// Of returns the network that stands for an address where only the kept part is known: the
// network itself with KeptWhole, the first address of the kept one, or the zero Addr.
func (k Kept) Of(network netip.Addr) netip.Addr {
	if k == KeptWhole {
		return Of(network)
	}
	of, _ := k.prefix(network)
	return of.Addr()
}

func (k Kept) prefix(addr netip.Addr) (netip.Prefix, bool) {
	addr = addr.Unmap().WithZone("")
	if k != KeptNetwork || !addr.IsValid() {
		return netip.Prefix{}, false
	}
	bits := keptBits6
	if addr.Is4() {
		bits = keptBits4
	}
	return netip.PrefixFrom(addr, bits).Masked(), true
}

// ParseAddr reads what Text has written: an address, or the first one of a network. It
// returns the zero Addr for anything else.
func ParseAddr(kept string) netip.Addr {
	if addr, err := netip.ParseAddr(kept); err == nil {
		return addr
	}
	of, _ := netip.ParsePrefix(kept) // zero if it is neither
	return of.Addr()
}
