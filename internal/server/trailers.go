package server

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// maxTrailers bounds the work of dropTrailers, which grows with the square of their number.
// Clients that use trailers send one or two.
const maxTrailers = 32

// dropTrailers removes the fields that came behind a chunked body. The engine reads them
// like fields of the head, which nothing between client and server has checked: a proxy
// that sets Sec-Fetch-Site or X-Forwarded-For sets it in the head.
func dropTrailers(h *fasthttp.RequestHeader) {
	names := h.PeekTrailerKeys()
	if len(names) == 0 {
		return
	}
	for _, name := range names {
		h.DelBytes(name) // also in the head
	}
	_ = h.SetTrailer("") // forgets the names; it cannot fail without one
	for line := range bytes.Lines(h.RawHeaders()) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if contains(names, name) {
			h.AddBytesKV(name, bytes.Trim(value, " \t\r\n"))
		}
	}
}

// contains reports whether names has name, in any case.
func contains(names [][]byte, name []byte) bool {
	for _, n := range names {
		if bytes.EqualFold(n, name) {
			return true
		}
	}
	return false
}
