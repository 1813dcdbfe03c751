package server

import (
	"bytes"
	"net/url"

	"github.com/valyala/fasthttp"
)

// headStatus returns the status of a refusal if a request breaks a rule of RFC 9112 that the
// engine does not check, else 0: 505 for a version other than 1.0 and 1.1, 417 for an
// unknown expectation, 431 for too many trailers, 400 for the rest. It runs for each request.
//
// The engine itself refuses: values with control characters, lines without a colon, a space
// before it, two of Host, Content-Length or Transfer-Encoding, lengths that are no plain
// number, unknown codings, codings in HTTP/1.0, bad ports, and a missing Host.
func headStatus(h *fasthttp.RequestHeader) int {
	switch string(h.Protocol()) {
	case "HTTP/1.1", "HTTP/1.0":
	default:
		return fasthttp.StatusHTTPVersionNotSupported
	}
	switch {
	case !wellEncoded(h.RequestURI()):
		return fasthttp.StatusBadRequest
	case len(h.PeekTrailerKeys()) > maxTrailers:
		return fasthttp.StatusRequestHeaderFieldsTooLarge
	}
	return fieldStatus(h.RawHeaders())
}

// fieldStatus returns 400 unless raw, the fields of a head, has only lines that end in CR LF
// and begin with a token and a colon, and says in one way where the body ends; 417 for an
// expectation other than 100-continue; else 0. A proxy before the server may read other
// heads in another way, and so take a part of a body for the next visitor's request.
func fieldStatus(raw []byte) int {
	var length, coding bool
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n')
		if end < 1 || raw[end-1] != '\r' {
			return fasthttp.StatusBadRequest
		}
		line := raw[:end-1]
		raw = raw[end+1:]
		if len(line) == 0 {
			break
		}
		colon := lengthOf(line, inToken)
		if colon == 0 || colon == len(line) || line[colon] != ':' {
			return fasthttp.StatusBadRequest
		}
		switch name := line[:colon]; name[0] | 0x20 {
		case 'c':
			length = length || is(name, "content-length")
		case 't':
			coding = coding || is(name, "transfer-encoding")
			fallthrough
		case 'h', 'e':
			if status := valueStatus(name, bytes.Trim(line[colon+1:], " \t")); status != 0 {
				return status
			}
		}
	}
	if length && coding {
		return fasthttp.StatusBadRequest
	}
	return 0
}

// valueStatus returns the status of a refusal if a field has a value that the server does
// not accept, else 0.
func valueStatus(name, value []byte) int {
	switch {
	case is(name, "host") && lengthOf(value, inHost) < len(value), is(name, "transfer-encoding") && !is(value, "chunked"):
		return fasthttp.StatusBadRequest
	case is(name, "expect") && !is(value, "100-continue"):
		return fasthttp.StatusExpectationFailed
	}
	return 0
}

// wellEncoded reports whether each % in the path of a target begins a byte in hexadecimal.
func wellEncoded(target []byte) bool {
	if bytes.IndexByte(target, '%') < 0 {
		return true
	}
	path, _, _ := bytes.Cut(target, []byte("?"))
	_, err := url.PathUnescape(string(path))
	return err == nil
}

// is reports whether b is lower, in any case. lower has only small letters and hyphens.
func is(b []byte, lower string) bool {
	return len(b) == len(lower) && bytes.EqualFold(b, []byte(lower))
}

// lengthOf returns how many bytes at the beginning of b are in set.
func lengthOf(b []byte, set *[256]bool) int {
	for i, c := range b {
		if !set[c] {
			return i
		}
	}
	return len(b)
}

// The characters of a token, RFC 9110, 5.6.2, and of a host with a port, RFC 3986, 3.2.
const lettersAndDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var (
	inToken = setOf("!#$%&'*+-.^_`|~" + lettersAndDigits)
	inHost  = setOf("-._~%!$&'()*+,;=:[]" + lettersAndDigits)
)

func setOf(characters string) *[256]bool {
	var set [256]bool
	for _, c := range characters {
		set[c] = true
	}
	return &set
}
