package assets

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"pagesession/internal/hosts"
)

// A Place is where browsers load static files from: this server, which is the zero value, or a
// URL where the files of Collect are. It is immutable.
type Place struct {
	url    string // ends with a slash; "" for this server
	source string // for a content security policy; "" where 'self' covers it
}

// longestURL is the most characters of a place: enough for any, and pages stay short.
const longestURL = 200

// folders is a path of unreserved characters (RFC 3986), which mean the same in HTML, in a header
// and in a file's name.
var folders = regexp.MustCompile(`^/([A-Za-z0-9._~-]+/)*$`)

const (
	exampleURL = "; use for example https://cdn.example.com/pagesession/"
	// AllowedPlace says what ParsePlace accepts.
	AllowedPlace = "an https URL or a path that ends with a slash, or empty"
)

// ParsePlace reads an https URL or a path, both with a slash at the end; http is for this machine.
// "" is this server. Its error completes the sentence `NAME="value" …` and says what to write
// instead.
func ParsePlace(s string) (Place, error) {
	if s == "" {
		return Place{}, nil
	}
	if len(s) > longestURL {
		return Place{}, fmt.Errorf("has %d characters; use at most %d", len(s), longestURL)
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Opaque != "" || u.Host == "" && !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//"):
		return Place{}, errors.New("is not a URL or a path" + exampleURL)
	case u.User != nil:
		return Place{}, errors.New("has a user, and everyone can read it in the pages; leave that out")
	case strings.ContainsAny(s, "?#"):
		return Place{}, errors.New("has a query or a fragment; leave that out")
	case !strings.HasSuffix(u.Path, "/"):
		return Place{}, errors.New("does not end with a slash" + exampleURL)
	case !folders.MatchString(u.EscapedPath()) || strings.Contains(u.Path, "/./") || strings.Contains(u.Path, "/../"):
		return Place{}, errors.New("has a path with other characters than letters, digits, - . _ and ~, or with . or .." + exampleURL)
	case u.Scheme == "" && u.Host == "":
		return Place{url: s}, nil
	}
	return placeAt(s, u)
}

// placeAt is ParsePlace for a URL with a host.
func placeAt(s string, u *url.URL) (Place, error) {
	name := u.Hostname()
	addr, err := netip.ParseAddr(name)
	switch {
	case err != nil && !hosts.IsName(name), addr.Zone() != "", strings.HasSuffix(u.Host, ":"):
		return Place{}, errors.New("has an invalid host" + exampleURL)
	case u.Scheme == "http" && (name == "localhost" || addr.IsLoopback()), u.Scheme == "https":
		return Place{url: s, source: s}, nil
	}
	return Place{}, errors.New("is not https, so browsers refuse it in pages of https" + exampleURL)
}

// String returns the place in the form that ParsePlace reads.
func (p Place) String() string { return p.url }

// Source returns what a content security policy has to allow for the place beside 'self'; "" for
// nothing. It ends with the path, so other files on that host stay forbidden.
func (p Place) Source() string { return p.source }

// loaded matches an attribute of a template that loads a static file.
var loaded = regexp.MustCompile(`(href|src)="\{\{url "(` + folder + `[^"]+)"\}\}"`)

// Link has the attributes of a template load static files from the place, by the names with
// hashes. Scripts and stylesheets get the digest of their content, so that a browser refuses
// others. A script that takes the server's address from its own stays here.
func (a Files) Link(source string, p Place) string {
	if p == (Place{}) {
		return source
	}
	return loaded.ReplaceAllStringFunc(source, func(attribute string) string {
		m := loaded.FindStringSubmatch(attribute)
		file := a[m[2]]
		if file == nil || file.stays {
			return attribute
		}
		link := m[1] + `="` + p.url + strings.TrimPrefix(file.hashed, folder) + `"`
		if file.integrity == "" {
			return link
		}
		link += ` integrity="` + file.integrity + `"`
		if p.source != "" {
			link += ` crossorigin="anonymous"`
		}
		return link
	})
}
