package console

import (
	"net/url"
	"strings"
)

// nextOf returns where to go after a form: what it asks for if that is a page of
// the console, else the console's first page. Anything else could be another
// site's, or a form that the browser would post to.
func nextOf(asked string) string {
	const home = "/admin/"
	u, err := url.Parse(asked)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return home
	}
	if !strings.HasPrefix(asked, home) || strings.Contains(u.Path, "//") || strings.Contains(u.Path, "..") || strings.ContainsAny(asked, "\\\r\n\t") {
		return home
	}
	if strings.HasPrefix(u.Path, "/admin/login") || strings.HasPrefix(u.Path, "/admin/logout") {
		return home
	}
	return u.EscapedPath() + search(u)
}

func search(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	return "?" + u.RawQuery
}
