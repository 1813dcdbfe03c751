package basepath

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// Handler returns a handler that calls next with the base path taken off the target, and
// puts it in front of a redirect that next answers with. Query and percent-encodings stay
// as they came. What is not below the base path is left to notFound, except the probes,
// which supervisors ask without a proxy in between. Without a base path it is next itself.
func (p Path) Handler(next, notFound fasthttp.RequestHandler) fasthttp.RequestHandler {
	if p.IsRoot() {
		return next
	}
	return func(ctx *fasthttp.RequestCtx) {
		uri := ctx.Request.Header.RequestURI()
		t := parse(uri)
		inner, below := bytes.CutPrefix(t.path, []byte(p.prefix+"/"))
		switch {
		case isProbe(t.path):
			next(ctx)
		case string(t.path) == p.prefix:
			p.addSlash(ctx, t)
		case !below || climbs(inner):
			notFound(ctx)
		default:
			// In place: it allocates nothing.
			ctx.Request.SetRequestURIBytes(append(t.host, uri[len(t.host)+len(p.prefix):]...))
			next(ctx)
			p.redirect(&ctx.Response.Header)
		}
	}
}

// redirect puts the base path in front of a Location on this server. It does so with
// //host, too, which then stays on this server.
func (p Path) redirect(h *fasthttp.ResponseHeader) {
	if to := h.Peek(fasthttp.HeaderLocation); len(to) > 0 && to[0] == '/' {
		h.Set(fasthttp.HeaderLocation, p.prefix+string(to))
	}
}

// addSlash redirects /pages?x=1 to /pages/?x=1. A POST gets a 308, so that the browser
// sends its form again.
func (p Path) addSlash(ctx *fasthttp.RequestCtx, t target) {
	query, _, _ := bytes.Cut(t.rest, []byte("#"))
	ctx.Response.Header.Set(fasthttp.HeaderLocation, p.String()+string(query))
	ctx.SetStatusCode(fasthttp.StatusPermanentRedirect)
	if ctx.IsGet() || ctx.IsHead() {
		ctx.SetStatusCode(fasthttp.StatusMovedPermanently)
	}
}

// A target is a request's target in three parts, which are parts of its memory.
type target struct {
	host []byte // http://host of the absolute form; else empty
	path []byte // begins with "/"; empty where there is none, as in "*" and "host:443"
	rest []byte // from "?" or "#"
}

func parse(uri []byte) (t target) {
	t.host = uri[:0]
	if i := bytes.IndexByte(uri, '/'); i > 0 { // the absolute form, if anything
		if !bytes.HasPrefix(uri[i-1:], []byte("://")) {
			return t
		}
		end := bytes.IndexAny(uri[i+2:], "/?#")
		if end < 0 {
			return t
		}
		t.host, uri = uri[:i+2+end], uri[i+2+end:]
	}
	if len(uri) == 0 || uri[0] != '/' {
		return target{}
	}
	t.path = uri
	if i := bytes.IndexAny(uri, "?#"); i >= 0 {
		t.path, t.rest = uri[:i], uri[i:]
	}
	return t
}

func isProbe(path []byte) bool { return string(path) == "/livez" || string(path) == "/readyz" }

// climbs reports whether a path without its first slash could mean one that is not below
// the base path: its first segment is empty, so that //host would be left, or one of them
// is "." or "..", encoded or not. Browsers send neither.
func climbs(path []byte) bool {
	if len(path) > 0 && path[0] == '/' {
		return true
	}
	for segment := range bytes.SplitSeq(path, []byte("/")) {
		if isDots(segment) {
			return true
		}
	}
	return false
}

// isDots reports whether a segment is "." or "..", in which %2e is a dot.
func isDots(segment []byte) bool {
	dots := 0
	for len(segment) > 0 {
		switch {
		case segment[0] == '.':
			segment = segment[1:]
		case len(segment) >= 3 && bytes.EqualFold(segment[:3], []byte("%2e")):
			segment = segment[3:]
		default:
			return false
		}
		dots++
	}
	return dots == 1 || dots == 2
}
