package header

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// Private keeps a response that depends on a session cookie, or carries one, out of
// every cache. A shared cache would give the session to other visitors.
//
// Names and values are bytes, and the names canonical, because fasthttp sets those
// without conversion. Most responses have no Vary yet, so the list is read only if
// there is one.
func Private(h *fasthttp.ResponseHeader) {
	h.SetCanonical(cacheControl, noStore)
	switch {
	case len(h.PeekBytes(vary)) == 0:
		h.SetCanonical(vary, cookie)
	case !variesByCookie(h):
		addVary(h)
	}
}

// Nothing modifies these.
var (
	cacheControl, noStore = []byte(fasthttp.HeaderCacheControl), []byte("no-store")
	vary, cookie          = []byte(fasthttp.HeaderVary), []byte(fasthttp.HeaderCookie)
)

// variesByCookie reports whether any Vary header lists Cookie or "*".
func variesByCookie(h *fasthttp.ResponseHeader) bool {
	for _, line := range h.PeekAll(fasthttp.HeaderVary) {
		for field := range bytes.SplitSeq(line, []byte{','}) {
			field = bytes.TrimSpace(field)
			if string(field) == "*" || bytes.EqualFold(field, []byte(fasthttp.HeaderCookie)) {
				return true
			}
		}
	}
	return false
}

// addVary adds Cookie to the first Vary header, because many readers see only that
// one.
func addVary(h *fasthttp.ResponseHeader) {
	var room [128]byte
	b := append(room[:0], h.Peek(fasthttp.HeaderVary)...)
	if len(b) > 0 {
		b = append(b, ", "...)
	}
	h.SetBytesV(fasthttp.HeaderVary, append(b, fasthttp.HeaderCookie...))
}
