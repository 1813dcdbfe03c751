// Package basepath puts the whole server below a path such as /pages/.
//
// Routes, handlers, tables and tests know nothing of it: their addresses begin with "/".
// Three borders translate. Handler takes the base path off each request's target and puts
// it in front of each redirect; templates write every address with {{url}}, which is URL;
// and the paths of cookies are made with URL.
package basepath

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A Path is where the server's addresses begin. The zero value is "/". It is immutable.
type Path struct {
	prefix string // without the last slash: "" or "/pages"
}

// String returns "/", or a path that begins and ends with a slash.
func (p Path) String() string { return p.prefix + "/" }

// IsRoot reports whether the path is "/".
func (p Path) IsRoot() bool { return p.prefix == "" }

// URL returns an address of this server as browsers have to ask for it. One that does not
// begin with "/", such as "?p=2", is relative to its page and stays as it is.
func (p Path) URL(address string) string {
	if !strings.HasPrefix(address, "/") {
		return address
	}
	return p.prefix + address
}

// longest is the most characters of a base path: enough for any proxy, and links stay short.
const longest = 100

// form is segments of unreserved characters (RFC 3986), each followed by a slash: they
// mean the same in a path, in a cookie, in HTML and in a header.
var form = regexp.MustCompile(`^/([A-Za-z0-9._~-]+/)*$`)

// Allowed says what Parse accepts.
const Allowed = "/, or letters, digits, - . _ ~ between slashes, at most 100 characters"

// Parse reads a base path: "/", or "/pages/". Its error completes the sentence
// `NAME="value" …` and says what to write instead.
func Parse(s string) (Path, error) {
	switch {
	case s == "" || s[0] != '/' || s[len(s)-1] != '/':
		return Path{}, errors.New("does not begin and end with a slash; use for example /pages/, or / for no base path")
	case len(s) > longest:
		return Path{}, fmt.Errorf("has %d characters; use at most %d", len(s), longest)
	case strings.Contains(s, "//"):
		return Path{}, errors.New("has two slashes in a row; use one, as in /a/pages/")
	case strings.Contains(s, "/./") || strings.Contains(s, "/../"):
		return Path{}, errors.New("has . or .. between slashes, which browsers remove; use for example /pages/")
	case !form.MatchString(s):
		return Path{}, errors.New("has other characters than letters, digits, - . _ and ~; use for example /pages/")
	}
	return Path{strings.TrimSuffix(s, "/")}, nil
}
