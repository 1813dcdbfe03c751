package client

import (
	"bytes"
	"cmp"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/valyala/fasthttp"

	"pagesession/internal/network"
)

// A Resolver decides who sent each request. Its methods are safe for concurrent use.
type Resolver struct {
	Addresses network.Kept // says what Untrusted and the log have of addresses; set it before the first request

	proxies   Proxies
	log       *slog.Logger
	untrusted atomic.Pointer[string] // the first peer whose headers were ignored
	disputed  atomic.Bool            // a contradiction was logged
}

// NewResolver returns a Resolver that believes these proxies.
func NewResolver(trusted Proxies, log *slog.Logger) *Resolver {
	return &Resolver{proxies: trusted, log: log}
}

// Untrusted returns the address of the first peer that sent a proxy's headers and is not
// trusted; "" if there was none.
func (r *Resolver) Untrusted() string {
	if peer := r.untrusted.Load(); peer != nil {
		return *peer
	}
	return ""
}

// Handler decides who sent a request, before next handles it: RemoteAddr becomes the
// client's address, Host the host that the client asked for, and HTTPS tells the scheme.
func (r *Resolver) Handler(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		peer := Peer(ctx)
		switch {
		case r.proxies.Trusts(peer):
			r.resolve(ctx, peer)
		case r.untrusted.Load() == nil && isForwarded(ctx.Request.Header.RawHeaders()):
			r.report(peer)
		}
		next(ctx)
	}
}

// resolve takes over what the trusted proxies say. If the two kinds of headers contradict
// each other, a client may have sent one of them past a proxy that writes the other, so
// neither counts.
func (r *Resolver) resolve(ctx *fasthttp.RequestCtx, peer netip.Addr) {
	ctx.SetUserValue(trustedKey{}, true)
	if ctx.Conn() != nil {
		ctx.SetRemoteAddr(nil) // it may have the client of the connection's last request
	}
	h := &ctx.Request.Header
	says, old := r.proxies.stated(peer, standard(h)), r.proxies.stated(peer, legacy(h))
	if says.contradicts(old) {
		r.reportDispute(peer)
		return
	}
	if !says.said {
		says = old
	}
	if says.addr.IsValid() {
		ctx.SetRemoteAddr(net.TCPAddrFromAddrPort(netip.AddrPortFrom(says.addr, 0)))
	}
	if says.host != "" {
		h.SetHost(says.host)
		ctx.Request.URI().SetHost(says.host)
	}
	if says.proto != "" {
		ctx.SetUserValue(schemeKey{}, says.proto)
	}
}

// contradicts reports whether both statements say something and do not agree. Where one says
// nothing of the scheme or the host, they agree.
func (c statement) contradicts(other statement) bool {
	if !c.said || !other.said {
		return false
	}
	return c.addr != other.addr || differ(c.proto, other.proto) || differ(c.host, other.host)
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

// reportDispute logs once that a trusted proxy's headers contradict each other. Any client
// can cause that if the proxy passes on headers that it does not write.
func (r *Resolver) reportDispute(peer netip.Addr) {
	if r.disputed.CompareAndSwap(false, true) {
		r.log.Warn("Forwarded and X-Forwarded headers contradict each other, so neither counts; have the proxy remove those that it does not write",
			slog.String("peer", r.peerName(peer)))
	}
}

// report logs once that the headers of a proxy were ignored, and remembers the peer.
func (r *Resolver) report(peer netip.Addr) {
	name := r.peerName(peer)
	if r.untrusted.CompareAndSwap(nil, &name) {
		r.log.Warn("headers of a reverse proxy were ignored; if this peer is your proxy, add it to --trusted-proxies",
			slog.String("peer", name))
	}
}

// peerName names a peer for people. One that is not on a private network may be a visitor,
// so its address is shown only as far as it may be kept; without any, ADDRESS stands for it in
// sentences that say what to add to --trusted-proxies.
func (r *Resolver) peerName(peer netip.Addr) string {
	switch {
	case !peer.IsValid():
		return unixPeers
	case peer.IsLoopback() || peer.IsPrivate():
		return peer.String()
	}
	return cmp.Or(r.Addresses.Text(peer.String()), "ADDRESS")
}

// isForwarded reports whether raw, the lines of a request's head, has a header that
// reverse proxies add. It runs for each request, so it compares only lines whose first
// byte fits.
func isForwarded(raw []byte) bool {
	for len(raw) > 0 {
		switch raw[0] {
		case 'f', 'F', 'v', 'V', 'x', 'X':
			if isForwardedLine(raw) {
				return true
			}
		}
		end := bytes.IndexByte(raw, '\n')
		if end < 0 {
			break
		}
		raw = raw[end+1:]
	}
	return false
}

// isForwardedLine reports whether a line begins with such a header's name, as
// X-Forwarded-For does.
func isForwardedLine(line []byte) bool {
	for _, name := range []string{"forwarded:", "x-forwarded-", "x-real-ip:", "via:"} {
		if len(line) >= len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return true
		}
	}
	return false
}

// Exempt reports whether a request has no limits: this machine or a trusted proxy sent it
// for itself, without a header that speaks of another client. If there is such a header
// that cannot be believed, the request has limits, under the proxy's address.
func (r *Resolver) Exempt(ctx *fasthttp.RequestCtx) bool {
	peer := Peer(ctx)
	return (peer.IsLoopback() || r.proxies.Trusts(peer)) && !isForwarded(ctx.Request.Header.RawHeaders())
}

// PeerNetwork returns the network that a new connection counts to; the zero Addr if it is
// exempt from limits, as those of this machine and of trusted proxies are.
func (r *Resolver) PeerNetwork(peer net.Addr) netip.Addr {
	addr := addrOf(peer)
	if addr.IsLoopback() || r.proxies.Trusts(addr) {
		return netip.Addr{}
	}
	return network.Of(addr)
}

// Peer returns the address of the connection's other end. RemoteAddr may be the client's,
// of this request or of an earlier one on the connection.
func Peer(ctx *fasthttp.RequestCtx) netip.Addr {
	if c := ctx.Conn(); c != nil {
		return addrOf(c.RemoteAddr())
	}
	return addrOf(ctx.RemoteAddr())
}

// addrOf returns an address without its port; the zero Addr for a Unix socket.
func addrOf(from net.Addr) netip.Addr {
	tcp, ok := from.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr, _ := netip.AddrFromSlice(tcp.IP)
	return addr.Unmap()
}
