package e2e

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The headings that visitors know from the original.
const (
	setTitle   = "Session setting up..........."
	getTitle   = "Your name from the session"
	delTitle   = "You session has been deleted successfully"
	endedTitle = "Your session has Expired..."
	noneTitle  = "You have no session"

	deletedTitle  = "Your session was deleted"
	absoluteTitle = "Your session has reached its maximum length"
	revokedTitle  = "An operator ended your session"
	unknownTitle  = "Your session has ended" // the server no longer knows it
	extendButton  = "Extend session"
	noDelTitle    = "There was no session to delete"
)

// page fails the test unless r is a page with this heading and these parts.
func (r *reply) page(t *testing.T, status int, h1 string, parts ...string) {
	t.Helper()
	if r.StatusCode != status || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("status %d, Content-Type %q; want %d, text/html; charset=utf-8", r.StatusCode, r.Header.Get("Content-Type"), status)
	}
	r.Has(append(parts, "<!DOCTYPE html>", "<h1>"+h1+"</h1>")...)
}

// liveCookie and deadCookie match the two forms of Set-Cookie.
var liveCookie = regexp.MustCompile(`^sessionid=[A-Z2-7]{26}; expires=(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT); ` +
	`HttpOnly; Max-Age=(\d+); Path=/; SameSite=Lax$`)

const deadCookie = `sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=Lax`

// live fails the test unless the answer sends exactly one cookie, for that many
// seconds.
func (r *reply) live(t *testing.T, what string, seconds int) {
	t.Helper()
	cookies := r.Header["Set-Cookie"]
	if len(cookies) != 1 || !liveCookie.MatchString(cookies[0]) {
		t.Errorf("%s: Set-Cookie %q; want one of the form %s", what, cookies, liveCookie)
		return
	}
	m := liveCookie.FindStringSubmatch(cookies[0])
	if m[2] != strconv.Itoa(seconds) {
		t.Errorf("%s: Max-Age=%s; want %d", what, m[2], seconds)
	}
	expires, err := http.ParseTime(m[1])
	life := time.Duration(seconds) * time.Second
	if err != nil || expires.Before(r.Sent.Add(life-time.Second)) || expires.After(r.Got.Add(life)) {
		t.Errorf("%s: expires=%s (%v); want %v after %v", what, m[1], err, life, r.Got)
	}
}

// dead fails the test unless the answer deletes the session's cookie, and sends no other than
// the one that says that the session was deleted.
func (r *reply) dead(t *testing.T, what string) {
	t.Helper()
	got := slices.DeleteFunc(slices.Clone(r.Header["Set-Cookie"]), func(line string) bool { return strings.HasPrefix(line, "lastsession=deleted; ") })
	if !slices.Equal(got, []string{deadCookie}) {
		t.Errorf("%s: Set-Cookie %q; want %q", what, got, deadCookie)
	}
}

// silent fails the test if the answer sends a cookie.
func (r *reply) silent(t *testing.T, what string) {
	t.Helper()
	if got := r.Header["Set-Cookie"]; got != nil {
		t.Errorf("%.60q: Set-Cookie %q; want none", what, got)
	}
}

// guarded fails the test unless the answer has the headers that every answer has,
// and none that names the server's software.
func (r *reply) guarded(t *testing.T, what string) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Server": "", "X-Powered-By": "",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %s %q; want %q", what, name, got, want)
		}
	}
	if policies := r.Header["Content-Security-Policy"]; len(policies) != 1 || !strings.Contains(policies[0], "default-src 'none'") {
		t.Errorf("%s: Content-Security-Policy %q; want one that allows nothing by default", what, policies)
	}
	if r.StatusCode >= 400 && r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: Cache-Control %q; want no-store", what, r.Header.Get("Cache-Control"))
	}
}
