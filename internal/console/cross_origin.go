package console

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/page"
)

// A foreignFormError refuses a form. The page that it comes from is another site's, as
// far as the server knows. The reason may be a proxy that does not pass the Host on.
type foreignFormError struct{ sender, asked string } // scheme and host

func (e *foreignFormError) Error() string {
	return fmt.Sprintf("a form of %s was sent to %s", e.sender, e.asked)
}

// Unwrap returns page.Status(403).
func (e *foreignFormError) Unwrap() error { return page.Status(fiber.StatusForbidden) }

// checkForm returns nil if a form comes from a page of this origin. Unlike the public
// pages, the console refuses forms without a header that says so. The error is a
// *foreignFormError where the browser does not know that the page is another site's.
func checkForm(c *fiber.Ctx) error {
	refused := page.Status(fiber.StatusForbidden)
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin":
		return nil
	case "":
	default:
		return refused
	}
	sender, err := url.Parse(c.Get(fiber.HeaderOrigin))
	if err != nil || sender.Host == "" {
		return refused
	}
	if client.IsOwnPage(c.Context(), sender.String()) {
		return nil
	}
	return &foreignFormError{shown(sender.Scheme, sender.Host), shown(schemeOf(c), string(c.Request().Header.Host()))}
}

func schemeOf(c *fiber.Ctx) string {
	if client.HTTPS(c.Context()) {
		return "https"
	}
	return "http"
}

// maxShown bounds a name that comes from a header, for a page and for the log.
const maxShown = 100 // bytes

func shown(scheme, host string) string {
	s := scheme + "://" + host
	return strings.ToValidUTF8(s[:min(len(s), maxShown)], "\uFFFD")
}

// explainForeign says on the page why the form was refused, and what to do.
func explainForeign(p *errorPage, e *foreignFormError) {
	p.What = "The form came from " + e.sender + ", but the server was asked for " + e.asked + "."
	p.Do = "It may be another site’s, so nothing was changed. If the server is behind a reverse proxy, have the proxy pass the Host header on. Or have it send X-Forwarded-Host and X-Forwarded-Proto, and name it in --trusted-proxies. Then reload the form’s page and send the form again."
}

// logForeign says the same in the log, at most once a second.
func (s *console) logForeign(e *foreignFormError) {
	s.paced.Warn("a form was refused because its page has another host than the request; behind a reverse proxy, pass the Host header on, or X-Forwarded-Host with --trusted-proxies",
		slog.String("page", e.sender), slog.String("request", e.asked))
}
