package metrics

import (
	"bytes"
	"time"

	"github.com/valyala/fasthttp"
)

// Routes are the values of the label route, of which RouteOf returns the index: a page or an
// endpoint with what is below it. Addresses that do not exist are Other.
var Routes = [...]string{
	"/", "/set/", "/get/", "/del/", "/session/", "/session/refresh/", "/session/stream/", "/session/timeout/",
	"/admin/", "/static/", "/livez", "/readyz", "other",
}

// The routes in the order of Routes.
const (
	home = iota
	set
	get
	del
	session
	refresh
	stream
	timeout
	console
	static
	livez
	readyz
	// Other is the index of "other".
	Other
)

// RouteOfAnswer returns the index of the route of a request that is answered: Other for an
// address that does not exist, and for a request that could not be read, of which began is the
// zero time. It does not allocate.
func RouteOfAnswer(ctx *fasthttp.RequestCtx, began time.Time) int {
	if began.IsZero() || ctx.Response.StatusCode() == fasthttp.StatusNotFound {
		return Other
	}
	return RouteOf(ctx.Path())
}

// RouteOf returns the index of the route of a path that is below the base path, with or without
// its last slash. It does not allocate.
func RouteOf(path []byte) int {
	switch string(path) {
	case "/":
		return home
	case "/get/", "/get":
		return get
	case "/set/", "/set":
		return set
	case "/del/", "/del":
		return del
	case "/session/", "/session":
		return session
	case "/session/refresh/", "/session/refresh":
		return refresh
	case "/session/stream/", "/session/stream":
		return stream
	case "/session/timeout/", "/session/timeout":
		return timeout
	case "/livez":
		return livez
	case "/readyz":
		return readyz
	case "/admin":
		return console
	case "/favicon.ico", "/robots.txt":
		return static
	}
	switch {
	case bytes.HasPrefix(path, []byte("/admin/")):
		return console
	case bytes.HasPrefix(path, []byte("/static/")):
		return static
	}
	return Other
}
