package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"pagesession/internal/hosts"
	"pagesession/internal/listen"
)

// letsEncrypt is the default authority.
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// mostDomains bounds the certificates that are ordered at a start: an authority gives few
// to one registered name in a week.
const mostDomains = 50

// none is the value of --http-addr for no port.
const none = "none"

// parseDomains reads host names, separated by commas.
func parseDomains(s string) (domains []string, err error) {
	if s == "" {
		return nil, nil
	}
	for entry := range strings.SplitSeq(s, ",") {
		name := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(entry)), ".")
		if err := checkDomain(name); err != nil {
			return nil, err
		}
		if !slices.Contains(domains, name) {
			domains = append(domains, name)
		}
	}
	if len(domains) > mostDomains {
		return nil, fmt.Errorf("has %d names, and %d are allowed; use --tls-cert for more", len(domains), mostDomains)
	}
	return domains, nil
}

func checkDomain(name string) error {
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return fmt.Errorf("has the IP address %.80q; use host names, or --tls-cert for an address", name)
	}
	if strings.Contains(name, "*") {
		return fmt.Errorf("has the wildcard %+.80q; give each host its own --%s, or use --%s", name, domain, tlsCert)
	}
	if !hosts.IsName(name) || !strings.Contains(name, ".") || strings.Contains(name, "_") {
		return fmt.Errorf("has the invalid name %+.80q; use full host names without a port, for example www.example.com", name)
	}
	return nil
}

func joinDomains(domains []string) string { return strings.Join(domains, ",") }

func parseDirectory(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "", errors.New("is not an https URL; use for example " + letsEncrypt)
	}
	return s, nil
}

func parseEmail(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		return "", errors.New("is not an e-mail address; use for example admin@example.com")
	}
	return s, nil
}

func parseHTTPAddr(s string) (string, error) {
	if s == "" || s == none {
		return s, nil
	}
	a, err := listen.Parse(s)
	if err == nil && a.IsUnix() {
		err = errors.New("is a socket, which browsers do not reach; use for example :80, or " + none)
	}
	return s, err
}
