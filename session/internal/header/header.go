// Package header reads requests and writes responses of fasthttp, the engine below
// Fiber v2 and v3, for package session.
package header

import (
	"bytes"
	"net"
	"net/netip"

	"github.com/valyala/fasthttp"

	"pagesession/session"
)

// Token returns the token of a request's session cookies. secure says which name counts.
//
// It uses fasthttp's parser, as Fiber's session middleware does, so both see the
// same cookie. The parser removes one pair of quotes around a value. It leaves out a
// cookie whose value has a quote or a backslash inside.
func Token(h *fasthttp.RequestHeader, p *session.Policy, secure bool) (t session.Token) {
	name := p.CookieName(secure)
	for key, value := range h.Cookies() {
		if string(key) == name {
			t.Add(value)
		}
	}
	if _, ok := t.Key(); ok || !secure {
		return t
	}
	if name = p.FormerCookieName(); name == "" {
		return t
	}
	for key, value := range h.Cookies() {
		if string(key) == name {
			t.AddFormer(value)
		}
	}
	return t
}

// Send puts a policy's cookie on the response, in place of any other of its name.
// Adding a Set-Cookie header would leave the earlier one there.
func Send(h *fasthttp.ResponseHeader, p *session.Policy, cookie *session.Cookie, secure bool) {
	var room [192]byte // on the stack; a longer cookie moves to the heap
	line := p.AppendCookie(room[:0], *cookie, secure)
	h.DelCookieBytes(line[:bytes.IndexByte(line, '=')])
	h.AddBytesV(fasthttp.HeaderSetCookie, line)
}

// Adopt makes the rest of a request see the session that it just got. A handler that
// rotates and then updates means the new id.
func Adopt(h *fasthttp.RequestHeader, name, id string) {
	h.DelCookie(name)
	h.SetCookie(name, id)
}

// Client returns the address of the connection and the User-Agent.
func Client(c *fasthttp.RequestCtx) session.ClientInfo {
	return session.ClientInfo{Address: address(c.RemoteAddr()), Agent: string(c.UserAgent())}
}

// address returns the IP address of a connection; "" if it has none.
func address(from net.Addr) string {
	tcp, ok := from.(*net.TCPAddr)
	if !ok {
		return ""
	}
	ip, _ := netip.AddrFromSlice(tcp.IP)
	if ip = ip.Unmap(); !ip.IsValid() || ip.IsUnspecified() {
		return ""
	}
	return ip.String()
}
