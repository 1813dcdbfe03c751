package server

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// headStatus returns the status of a refusal if a request breaks a rule of RFC 9112 that the
// engine does not check, else 0: 505 for a version other than 1.0 and 1.1, 431 for too many
// trailers, 400 for the rest. It runs for each request.
//
// The engine itself refuses: values with control characters, lines without a colon, a space
// before it, two of Host, Content-Length or Transfer-Encoding, lengths that are no plain
// number, unknown codings, codings in HTTP/1.0, and a missing Host.
func headStatus(h *fasthttp.RequestHeader) int {
	switch string(h.Protocol()) {
	case "HTTP/1.1", "HTTP/1.0":
	default:
		return fasthttp.StatusHTTPVersionNotSupported
	}
	switch {
	case !wellFormed(h.RawHeaders()):
		return fasthttp.StatusBadRequest
	case len(h.PeekTrailerKeys()) > maxTrailers:
		return fasthttp.StatusRequestHeaderFieldsTooLarge
	}
	return 0
}

// wellFormed reports whether raw, the fields of a head, has only lines that end in CR LF and
// begin with a token and a colon; and whether it says in one way where the body ends. A
// proxy before the server may read other heads in another way, and so take a part of a body
// for the next visitor's request.
func wellFormed(raw []byte) bool {
	var length, coding bool
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n')
		if end < 1 || raw[end-1] != '\r' {
			return false
		}
		line := raw[:end-1]
		raw = raw[end+1:]
		if len(line) == 0 {
			break
		}
		colon := tokenLength(line)
		if colon == 0 || colon == len(line) || line[colon] != ':' {
			return false
		}
		switch name := line[:colon]; name[0] | 0x20 {
		case 'c':
			length = length || is(name, "content-length")
		case 't':
			if is(name, "transfer-encoding") {
				coding = true
				if !is(bytes.Trim(line[colon+1:], " \t"), "chunked") {
					return false
				}
			}
		}
	}
	return !(length && coding)
}

// is reports whether b is lower, in any case. lower has only small letters and hyphens.
func is(b []byte, lower string) bool {
	return len(b) == len(lower) && bytes.EqualFold(b, []byte(lower))
}

// tokenLength returns how many bytes at the begin of line may stand in a name.
func tokenLength(line []byte) int {
	for i, c := range line {
		if !token[c] {
			return i
		}
	}
	return len(line)
}

// token has the characters of a token, RFC 9110, 5.6.2.
var token = func() (t [256]bool) {
	for _, c := range "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		t[c] = true
	}
	return t
}()
