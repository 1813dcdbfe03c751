package client

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"
)

// schemeKey is the request's value that has the scheme which trusted proxies named.
type schemeKey struct{}

// HTTPS reports whether the client uses https: to this server, or to a trusted proxy in
// front of it.
func HTTPS(ctx *fasthttp.RequestCtx) bool {
	if ctx.IsTLS() {
		return true
	}
	scheme, _ := ctx.UserValue(schemeKey{}).(string)
	return scheme == "https"
}

// Address returns the client's IP address without a zone; the zero Addr if it is unknown,
// as on a Unix socket without a trusted proxy.
func Address(ctx *fasthttp.RequestCtx) netip.Addr {
	if addr := addrOf(ctx.RemoteAddr()); !addr.IsUnspecified() {
		return addr
	}
	return netip.Addr{}
}

// Local reports whether a browser on this machine sent the request straight to this
// server: address and host are the loopback's, so are Origin and Referer if there are any,
// and no proxy has added a header. Requests of other machines that a proxy here passes on
// look local without these conditions.
func Local(ctx *fasthttp.RequestCtx) bool {
	h := &ctx.Request.Header
	return Address(ctx).IsLoopback() && IsLoopback(string(h.Host())) && !isForwarded(h.RawHeaders()) &&
		isLocalPage(string(h.Peek(fasthttp.HeaderOrigin))) && isLocalPage(string(h.Referer()))
}

// isLocalPage reports whether a page is of this machine, or not named.
func isLocalPage(page string) bool {
	if page == "" {
		return true
	}
	u, err := url.Parse(page)
	return err == nil && IsLoopback(u.Host)
}

// IsLoopback reports whether a host, with or without a port, is localhost or an address of
// the loopback. Browsers send cookies with Secure there without TLS, Safari excepted.
func IsLoopback(host string) bool {
	if withPort, err := netip.ParseAddrPort(host); err == nil {
		return withPort.Addr().Unmap().IsLoopback()
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return addr.Unmap().IsLoopback()
	}
	name, _, _ := strings.Cut(host, ":")
	return strings.EqualFold(strings.TrimSuffix(name, "."), "localhost")
}
