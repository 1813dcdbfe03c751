package hosts

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Limits of DNS names, in bytes.
const (
	maxName  = 253
	maxLabel = 63
)

// Parse reads a list such as "localhost, .example.com, [::1]". An entry is a host name,
// an IP address, ".example.com" for that domain and its subdomains, or "*" for any host.
// It keeps the order and drops duplicates.
//
// An error completes the sentence `NAME="value" …` and says what to write.
func Parse(s string) (List, error) {
	var l List
	for entry := range strings.SplitSeq(s, ",") {
		host, err := parseEntry(strings.ToLower(strings.TrimSpace(entry)))
		if err != nil {
			return List{}, err
		}
		if !slices.Contains(l.entries, host) {
			l.entries = append(l.entries, host)
		}
	}
	return l, nil
}

func parseEntry(s string) (string, error) {
	if s == "" {
		return "", errors.New("has an empty entry; use for example localhost,.example.com, or * for any host")
	}
	if ip, err := netip.ParseAddr(trimBrackets(s)); err == nil && ip.Zone() == "" {
		return formatIP(ip), nil
	}
	if s == "*" || IsName(strings.TrimPrefix(s, ".")) {
		return s, nil
	}
	return "", fmt.Errorf("has the invalid entry %+.80q; use host names and addresses without a port, for example localhost,.example.com", s)
}

// trimBrackets removes the brackets of [::1]. It leaves a single bracket, which is
// invalid.
func trimBrackets(s string) string {
	inner, opened := strings.CutPrefix(s, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if opened && closed && strings.Contains(inner, ":") {
		return inner
	}
	return s
}

// formatIP writes ip as in a Host header.
func formatIP(ip netip.Addr) string {
	if ip.Is4() {
		return ip.String()
	}
	return "[" + ip.String() + "]"
}

// IsName reports whether s can be a host name. It accepts underscores, which container
// names have. International names are in their xn-- form.
func IsName(s string) bool {
	if len(s) > maxName {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

func isLabel(s string) bool {
	if s == "" || len(s) > maxLabel || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.IndexFunc(s, notLabelRune) < 0
}

func notLabelRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		return false
	}
	return true
}
