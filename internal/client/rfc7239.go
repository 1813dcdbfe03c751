package client

import (
	"strings"

	"github.com/valyala/fasthttp"
)

// standard reads the header Forwarded (RFC 7239, section 4), the standard's form of
// X-Forwarded-*. An element that is malformed breaks the chain: of this hop nothing is
// known.
func standard(h *fasthttp.RequestHeader) (chain []hop) {
	for _, line := range h.PeekAll("Forwarded") {
		for _, element := range split(string(line), ',') {
			chain = append(chain, parseElement(element))
		}
	}
	return chain
}

// parseElement reads `for=192.0.2.60;proto=http;host=example.com`.
func parseElement(s string) (h hop) {
	for _, pair := range split(s, ';') {
		name, text, _ := strings.Cut(pair, "=")
		value, ok := unquote(strings.TrimSpace(text))
		if !ok {
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

// split divides s at each separator that is outside of quotes.
func split(s string, separator byte) (parts []string) {
	quoted, begin := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++ // the next one is literal
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			parts, begin = append(parts, s[begin:i]), i+1
		}
	}
	return append(parts, s[begin:])
}

// unquote returns the text of a quoted string, or a token as it is. It returns false if a
// quote is missing or stands inside.
func unquote(s string) (string, bool) {
	inner, opened := strings.CutPrefix(s, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if opened != closed {
		return "", false
	}
	if !opened {
		return s, !strings.Contains(s, `"`)
	}
	bare := strings.NewReplacer(`\\`, "", `\"`, "").Replace(inner)
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\`, "").Replace(inner), !strings.Contains(bare, `"`)
}
