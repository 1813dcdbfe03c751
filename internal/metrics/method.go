package metrics

import "github.com/valyala/fasthttp"

// methods are the methods that have a name in the access log and in traces; others are "other".
var methods = [...]string{
	fasthttp.MethodGet, fasthttp.MethodPost, fasthttp.MethodHead, fasthttp.MethodOptions, fasthttp.MethodPut,
	fasthttp.MethodPatch, fasthttp.MethodDelete, fasthttp.MethodConnect, fasthttp.MethodTrace,
}

// MethodOf returns the name of a method, or "other".
func MethodOf(method []byte) string {
	for _, known := range methods {
		if string(method) == known {
			return known
		}
	}
	return "other"
}
