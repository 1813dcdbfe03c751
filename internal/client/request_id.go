package client

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/valyala/fasthttp"
)

// The request's values that say that a trusted proxy passed it on, and what its id is.
type (
	trustedKey   struct{}
	requestIDKey struct{}
)

// longestID is the largest number of characters of a request id that a proxy sends. Those of
// nginx, Caddy, Envoy and HAProxy have 16 to 40.
const longestID = 64

// RequestID returns the id under which the log and error pages name a request, always the same
// one for a request: the X-Request-ID of a trusted proxy if it looks like an id, otherwise 64
// random bits. What other clients send could be anything, such as a password or a copy of
// another request's id.
func RequestID(ctx *fasthttp.RequestCtx) string {
	if id, ok := ctx.UserValue(requestIDKey{}).(string); ok {
		return id
	}
	id := sentID(ctx)
	if id == "" {
		id = newRequestID()
	}
	ctx.SetUserValue(requestIDKey{}, id)
	return id
}

// IsTrusted reports whether a trusted proxy passed the request on.
func IsTrusted(ctx *fasthttp.RequestCtx) bool { return ctx.UserValue(trustedKey{}) != nil }

// sentID returns the id that a trusted proxy sent; "" if there is none, or more than one.
func sentID(ctx *fasthttp.RequestCtx) string {
	if !IsTrusted(ctx) {
		return ""
	}
	if all := ctx.Request.Header.PeekAll("X-Request-ID"); len(all) == 1 && isRequestID(all[0]) {
		return string(all[0])
	}
	return ""
}

// isRequestID reports whether an id has 1 to 64 letters, digits, - . _ and nothing else.
func isRequestID(id []byte) bool {
	for _, c := range id {
		if !isIDByte(c) {
			return false
		}
	}
	return len(id) > 0 && len(id) <= longestID
}

func isIDByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_'
}

func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process instead
	return hex.EncodeToString(b[:])
}
