package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"pagesession/internal/listen"
)

// The settings of TLS that depend on each other.
const (
	addr        = "addr"
	tlsCert     = "tls-cert"
	tlsKey      = "tls-key"
	domain      = "domain"
	acceptTerms = "acme-accept-terms"
	httpAddr    = "http-addr"
)

func parsePath(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", errors.New("has a NUL byte; name a file")
	}
	return s, nil
}

// setting returns the assignment of a setting that is set, and whose value is right; else
// the zero assignment and false.
func (l *Loaded) setting(name string) (assignment, bool) {
	a, right := l.found[setting{name: name}.variable()]
	if !right || !a.isSet() || a.from.Kind == FromDefault {
		return assignment{}, false
	}
	return a, true
}

// isWrong reports whether a setting that the command reads has a mistake.
func (l *Loaded) isWrong(name string) bool {
	_, right := l.found[setting{name: name}.variable()]
	return !right
}

// tlsMistakes returns the mistakes of settings that do not fit together.
func (l *Loaded) tlsMistakes() (mistakes []error) {
	add := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	cert, hasCert := l.setting(tlsCert)
	key, hasKey := l.setting(tlsKey)
	switch {
	case hasCert && !hasKey:
		add("%s needs the certificate's key; name its file with --%s", cert, tlsKey)
	case hasKey && !hasCert:
		add("%s needs the key's certificate; name its file with --%s", key, tlsCert)
	}
	domains, hasDomain := l.setting(domain)
	if terms, _ := l.setting(acceptTerms); hasDomain && !l.ACMEAcceptTerms {
		add("%s needs a certificate of an authority whose terms of service you have to accept; read them, then set --%s%s", domains, acceptTerms, but(terms))
	}
	if hasDomain && (hasCert || hasKey) {
		add("%s and %s are both set; use one certificate, from the authority or from files", domains, firstSet(cert, key))
	}
	if socket, _ := l.setting(addr); (hasCert || hasDomain) && l.onSocket() {
		add("%s has no TLS, so %s has no effect; leave it out, or choose a host:port", socket, firstSet(cert, domains))
	}
	return append(mistakes, l.httpAddrMistakes(hasCert || hasDomain)...)
}

// httpAddrMistakes returns what is wrong with the port of plain HTTP.
func (l *Loaded) httpAddrMistakes(hasTLS bool) []error {
	plain, ok := l.setting(httpAddr)
	switch {
	case !ok || plain.text == none || !hasTLS && (l.isWrong(domain) || l.isWrong(tlsCert)):
		return nil
	case !hasTLS:
		return []error{fmt.Errorf("%s redirects to https, which the server does not speak; set --%s or --%s", plain, domain, tlsCert)}
	case l.HTTPAddr == l.Addr:
		return []error{fmt.Errorf("%s is also the address of https; choose another one, for example :80", plain)}
	}
	return nil
}

// useDomainPorts listens on the usual ports of a domain, unless others are set, and turns
// "none" into "".
func (l *Loaded) useDomainPorts() {
	if _, ok := l.setting(domain); ok {
		l.defaultTo(addr, &l.Addr, ":443")
		l.defaultTo(httpAddr, &l.HTTPAddr, ":80")
	}
	if l.HTTPAddr == none {
		l.HTTPAddr = ""
	}
}

// defaultTo changes the default of a setting.
func (l *Loaded) defaultTo(name string, field *string, value string) {
	variable := setting{name: name}.variable()
	if a, ok := l.found[variable]; ok && a.from.Kind == FromDefault {
		a.text, *field = value, value
		l.found[variable] = a
	}
}

// firstSet returns the first assignment that is set.
func firstSet(all ...assignment) assignment {
	for _, a := range all {
		if a.isSet() {
			return a
		}
	}
	return assignment{}
}

// but names an assignment that says otherwise, for the end of a message.
func but(a assignment) string {
	if !a.isSet() {
		return ""
	}
	return ", which is " + a.String()
}

// onSocket reports whether the server listens on a Unix socket.
func (l *Loaded) onSocket() bool {
	a, err := listen.Parse(l.Addr)
	return err == nil && a.IsUnix()
}

// warnOfKey warns if every user can read the key in the file of a setting. A group may, because a server that is
// not root reads the machine's keys by one, such as Debian's ssl-cert.
func (l *Loaded) warnOfKey(src *sources, name string) {
	key, ok := l.setting(name)
	if !ok {
		return
	}
	if info, err := os.Stat(key.text); err == nil && info.Mode().Perm()&0o007 != 0 && os.PathSeparator == '/' {
		src.warn("%s names a file that every user can read; chmod o= the file", key)
	}
}
