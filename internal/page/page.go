// Package page is the kit that the visitors' pages and the operators' console
// are made of: statuses and errors, flash notices, cookies, redirects, method
// tables, templates, prerendered pages, security headers and the clock's data.
// It knows nothing of sessions and accounts.
package page

import (
	"bytes"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/assets"
)

// AppConfig returns the Fiber configuration that all pages share: routing is exact, and
// Fiber believes no X-Forwarded headers. Package client reads those of trusted proxies.
func AppConfig(name string, fail fiber.ErrorHandler) fiber.Config {
	return fiber.Config{
		AppName:                 name,
		ErrorHandler:            fail,
		StrictRouting:           true,
		CaseSensitive:           true,
		EnableTrustedProxyCheck: true,
		DisableStartupMessage:   true,

		// A torn multipart form is answered by its handler.
		DisablePreParseMultipartForm: true,
	}
}

// Policy lets a page load the server's own stylesheets, scripts and images, also from their
// place, ask its endpoints and post to it. It forbids the rest, inline code and frames included.
func Policy(statics assets.Place) string {
	from := "'self'"
	if source := statics.Source(); source != "" {
		from += " " + source
	}
	return "default-src 'none'; script-src " + from + "; style-src " + from + "; img-src " + from + "; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// NewHeaders returns the security headers that every response carries, with the place of static
// files. Begin a
// response with CopyTo, which is several times cheaper than setting each.
func NewHeaders(statics assets.Place) *fasthttp.ResponseHeader {
	h := new(fasthttp.ResponseHeader)
	h.Set(fiber.HeaderContentSecurityPolicy, Policy(statics))
	h.Set(fiber.HeaderXFrameOptions, "DENY")
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderReferrerPolicy, "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	return h
}

// NoStore keeps an answer out of every cache.
func NoStore(c *fiber.Ctx) { c.Set(fiber.HeaderCacheControl, "no-store") }

// IsPrefetch reports whether a browser fetches a page before the person goes there.
func IsPrefetch(c *fiber.Ctx) bool {
	h := &c.Request().Header
	purpose := h.Peek("Sec-Purpose")
	return bytes.Contains(purpose, []byte("prefetch")) || bytes.Contains(purpose, []byte("prerender")) ||
		bytes.Equal(h.Peek("Purpose"), []byte("prefetch")) || bytes.Equal(h.Peek("X-Moz"), []byte("prefetch"))
}

// isFetch reports whether a script sent the request. A request of an old browser,
// which does not say, counts as a person's.
func isFetch(c *fiber.Ctx) bool {
	return bytes.Equal(c.Request().Header.Peek("Sec-Fetch-Dest"), []byte("empty"))
}

// errCoded: a form came compressed. Only programs do that, and a few kilobytes
// that pass the limit of a body can hold gigabytes.
var errCoded = errors.New("a form with a Content-Encoding")

// FormValues returns copies of all values of a field in a POST's form, urlencoded
// or multipart. A compressed or torn form is an error. Unlike Fiber's FormValue it
// does not look into the query, where a password would get into logs.
func FormValues(req *fasthttp.Request, field string) (all []string, err error) {
	if !req.Header.IsPost() {
		return nil, nil
	}
	if len(req.Header.ContentEncoding()) > 0 {
		return nil, errCoded
	}
	for _, value := range req.PostArgs().PeekMulti(field) {
		all = append(all, string(value))
	}
	if all != nil {
		return all, nil
	}
	form, err := req.MultipartForm()
	if errors.Is(err, fasthttp.ErrNoMultipartForm) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return form.Value[field], nil
}
