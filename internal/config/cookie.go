package config

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// maxCookieName is far more than a name needs; each request carries it.
const maxCookieName = 64

// takenCookies are the server's other cookies.
func takenCookies() []string {
	return []string{"adminchallenge", "admincodes", "admindevice", "adminid", "adminmessages", "adminpasskey", "adminticket", "admintotp", "firstrun", "lastsession", "messages", "theme"}
}

// parseCookieName reads a cookie's name without a prefix: browsers accept the names that
// begin with __Host- or __Secure- only over https, where the server adds the prefix.
func parseCookieName(s string) (string, error) {
	isTaken := func(taken string) bool { return strings.EqualFold(s, taken) }
	switch {
	case len(s) > maxCookieName || (&http.Cookie{Name: s}).Valid() != nil:
		return "", errors.New("is not a cookie's name; use up to 64 letters, digits, - and _, for example sessionid")
	case strings.HasPrefix(s, "__"):
		return "", errors.New("begins with __, which browsers treat specially; leave it out: the server adds the prefix over https")
	case slices.ContainsFunc(takenCookies(), isTaken):
		return "", errors.New("is the name of another cookie of this server; use for example sessionid")
	}
	return s, nil
}
