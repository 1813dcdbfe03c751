package client

import (
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"
)

// maxHops bounds the proxies that are looked at, the nearest ones, because each costs time.
// A client can send 8 KiB of commas.
const maxHops = 32

// A hop is what a proxy says of the peer that it got the request from.
type hop struct {
	addr        netip.Addr // zero: unknown
	proto, host string     // "": not said
}

// A statement is what the proxies in front say of the client; the zero statement says nothing.
type statement struct {
	addr        netip.Addr // zero: unknown
	proto, host string
	said        bool
}

// stated finds the client in a chain of hops, the nearest last: the first from the right
// that is not a trusted proxy. What is further to the left, anyone may have written. If
// the chain is broken by an unknown address, the client is the last trusted proxy that is
// known, here peer.
func (p Proxies) stated(peer netip.Addr, chain []hop) statement {
	if len(chain) == 0 {
		return statement{}
	}
	c := statement{addr: peer, said: true}
	for i := len(chain) - 1; i >= 0; i-- {
		c.proto, c.host = or(chain[i].proto, c.proto), or(chain[i].host, c.host)
		if !chain[i].addr.IsValid() {
			return c
		}
		c.addr = chain[i].addr
		if !p.Trusts(c.addr) {
			return c
		}
	}
	return c
}

func or(said, before string) string {
	if said == "" {
		return before
	}
	return said
}

// legacy reads X-Forwarded-For, -Proto and -Host. The lists of schemes and hosts may be
// shorter than that of addresses; then their last entry belongs to the nearest proxy.
// Without addresses they are one hop whose address is unknown.
func legacy(h *fasthttp.RequestHeader) []hop {
	addrs := listOf(h, fasthttp.HeaderXForwardedFor)
	protos, names := listOf(h, fasthttp.HeaderXForwardedProto), listOf(h, fasthttp.HeaderXForwardedHost)
	chain := make([]hop, max(len(addrs), min(1, len(protos)+len(names))))
	for i := range chain {
		back := len(chain) - 1 - i
		chain[i] = hop{addr: parseNode(fromEnd(addrs, back)), proto: schemeOf(fromEnd(protos, back)), host: fromEnd(names, back)}
	}
	return chain
}

// fromEnd returns the entry so many places before the last; "" if there is none.
func fromEnd(all []string, back int) string {
	if back >= len(all) {
		return ""
	}
	return all[len(all)-1-back]
}

// listOf returns the last entries of all lines of a header, in order; at most maxHops.
func listOf(h *fasthttp.RequestHeader, name string) (all []string) {
	for _, line := range h.PeekAll(name) {
		for entry := range strings.SplitSeq(string(line), ",") {
			all = appendLast(all, strings.TrimSpace(entry))
		}
	}
	return lastOf(all)
}

// appendLast appends an entry and drops old ones, so that from maxHops to twice as many
// are left.
func appendLast(all []string, entry string) []string {
	if len(all) == 2*maxHops {
		all = append(all[:0], all[maxHops:]...)
	}
	return append(all, entry)
}

// lastOf returns the last entries, at most maxHops.
func lastOf(all []string) []string { return all[max(0, len(all)-maxHops):] }

// parseNode reads an address as proxies write it: with or without a port, IPv6 with or
// without brackets. It returns the zero Addr for "unknown", a hidden name and anything
// else.
func parseNode(s string) netip.Addr {
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		var withPort netip.AddrPort
		if withPort, err = netip.ParseAddrPort(s); err != nil {
			return netip.Addr{}
		}
		addr = withPort.Addr()
	}
	if addr.Zone() != "" || addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr.Unmap()
}

// schemeOf returns "http" or "https", in lower case; "" for anything else.
func schemeOf(s string) string {
	switch s = strings.ToLower(s); s {
	case "http", "https":
		return s
	}
	return ""
}
