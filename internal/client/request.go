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

// IP returns the client's address as text; "" if it is unknown.
func IP(ctx *fasthttp.RequestCtx) string {
	if addr := Address(ctx); addr.IsValid() {
		return addr.String()
	}
	return ""
}

// Local reports whether a browser on this machine sent the request straight to this server:
// address and host are the loopback's, so are Origin and Referer if there are any, and no
// proxy has added a header. By the address alone, requests that a proxy here passes on for
// other machines would look local.
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

// IsOwnPage reports whether a page, as Origin and Referer name it, is one of the host that
// the client asked for. Its scheme is https where the client uses https. Elsewhere it may
// be https too, because a proxy that is not trusted may use it. false: not named, or
// another site's.
func IsOwnPage(ctx *fasthttp.RequestCtx, page string) bool {
	u, err := url.Parse(page)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || HTTPS(ctx)) {
		return false
	}
	return strings.EqualFold(withoutPort(u.Host, u.Scheme), withoutPort(string(ctx.Request.Header.Host()), u.Scheme))
}

// withoutPort removes a scheme's own port from a host: browsers leave it out, and proxies
// may add it.
func withoutPort(host, scheme string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
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
