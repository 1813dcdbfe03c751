package web

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/session"
)

const (
	nameKey     = "name"  // the session value, the query parameter and the form field
	defaultName = "Sonam" // the only name in the original
	maxName     = 100     // characters
)

// nameOf returns the visitor's name in a live session.
func nameOf(view session.View) string { return view.Values.String(nameKey) }

// wantedName returns a copy of the name in the form or the query, trimmed, and the
// key of what is wrong with it. Without a name it is Sonam; a given one is never
// replaced.
func wantedName(c *fiber.Ctx) (name, wrong string) {
	given, err := page.FormValues(c.Request(), nameKey)
	if err != nil {
		return "", "name.form"
	}
	if args := c.Context().QueryArgs(); len(given) == 0 && args.Has(nameKey) {
		given = []string{string(args.Peek(nameKey))}
	}
	if len(given) == 0 {
		return defaultName, ""
	}
	name = strings.TrimSpace(given[0])
	return name, wrongName(name)
}

// wrongName returns the key of what is wrong with a trimmed name, or nothing.
func wrongName(name string) string {
	switch {
	case !utf8.ValidString(name):
		return "name.bytes"
	case name == "":
		return "name.empty"
	case strings.IndexFunc(name, unicode.IsControl) >= 0:
		return "name.control"
	case utf8.RuneCountInString(name) > maxName:
		return "name.long"
	default:
		return ""
	}
}

// shownAgain returns a refused name to correct, cut to a length that fits a page.
func shownAgain(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if len(name) <= 4*maxName {
		return name
	}
	return strings.ToValidUTF8(name[:4*maxName], "")
}
