package client

import (
	"strings"

	"github.com/valyala/fasthttp"
)

// standard reads the header Forwarded (RFC 7239, section 4), the standard's form of
// X-Forwarded-*. An element that is malformed breaks the chain: of this hop nothing is
// known.
func standard(h *fasthttp.RequestHeader) (chain []hop) {
	var elements []string
	for _, line := range h.PeekAll("Forwarded") {
		for _, element := range split(string(line), ',') {
			elements = appendLast(elements, element)
		}
	}
	for _, element := range lastOf(elements) {
		chain = append(chain, parseElement(element))
	}
	return chain
}

// maxPairs bounds what one element may have. The standard has four, for, by, proto and
// host, and lets proxies add their own.
const maxPairs = 16

// parseElement reads `for=192.0.2.60;proto=http;host=example.com`. A quote that does not
// enclose a whole value may be a client's, opened to hide where the next element begins.
func parseElement(s string) (h hop) {
	pairs := split(s, ';')
	if len(pairs) > maxPairs {
		return hop{}
	}
	for _, pair := range pairs {
		name, text, _ := strings.Cut(pair, "=")
		value, ok := unquote(strings.TrimSpace(text))
		if !ok || strings.Contains(name, `"`) {
			return hop{}
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "for":
			h.addr = parseNode(value)
		case "proto":
			h.proto = schemeOf(value)
		case "host":
			h.host = value
		}
	}
	return h
}

// split divides s at each separator that is outside of quotes. Of more than twice maxHops
// parts it returns only the last ones, see appendLast.
func split(s string, separator byte) (parts []string) {
	quoted, begin := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++ // the next one is literal
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			parts, begin = appendLast(parts, s[begin:i]), i+1
		}
	}
	return appendLast(parts, s[begin:])
}

// unquote returns the text of a quoted string, or a token as it is. It returns false if a
// quote is missing or stands inside.
func unquote(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' {
		return s, !strings.Contains(s, `"`)
	}
	text := make([]byte, 0, len(s))
	for i, last := 1, len(s)-1; ; i++ {
		switch {
		case i == last:
			return string(text), s[last] == '"'
		case s[i] == '"':
			return "", false
		case s[i] == '\\':
			if i++; i == last {
				return "", false
			}
		}
		text = append(text, s[i])
	}
}
