// Package hosts reads the list of hosts that a server answers to, and tells
// whether a request's host is on it. A request for any other host is refused:
// that stops DNS rebinding and poisoned Host headers.
package hosts

import (
	"bytes"
	"net/netip"
	"strings"
)

// A List is the hosts that a server answers to. The zero List has none. It does
// not change, and is safe for concurrent use.
type List struct {
	entries []string // in lower case, without port and trailing dot; ".example.org" is that domain and all below it, "*" all
}

// Local returns the names of this machine, the default of every server.
func Local() List { return List{entries: []string{"localhost", "127.0.0.1", "[::1]"}} }

// String returns the list as Parse reads it, in its normal form.
func (l List) String() string { return strings.Join(l.entries, ",") }

// Empty reports whether no host is on the list.
func (l List) Empty() bool { return len(l.entries) == 0 }

// Allows reports whether host, with or without a port, is on the list. A
// malformed host never is. It does not allocate, except for IPv6.
func (l List) Allows(host []byte) bool {
	var room [maxHost]byte
	name, ok := hostname(room[:0], host)
	if !ok {
		return false
	}
	for _, entry := range l.entries {
		if string(name) == entry || entry == "*" ||
			entry[0] == '.' && (string(name) == entry[1:] || bytes.HasSuffix(name, []byte(entry))) {
			return true
		}
	}
	return false
}

// maxHost is the longest DNS name with a dot and a port.
const maxHost = maxName + len(".:65535")

// hostname appends the host without its port, in lower case and without a
// trailing dot, to dst. It reports false when host is malformed.
func hostname(dst, host []byte) ([]byte, bool) {
	if len(host) == 0 || len(host) > maxHost {
		return nil, false
	}
	for _, b := range host {
		dst = append(dst, lower(b))
	}
	if dst[0] == '[' {
		return bracketed(dst)
	}
	name, port, _ := bytes.Cut(dst, []byte(":"))
	name = bytes.TrimSuffix(name, []byte("."))
	return name, validName(name) && validPort(port)
}

// bracketed is hostname for [::1] and [::1]:8000. An address has many
// spellings, so it is parsed and formatted.
func bracketed(host []byte) ([]byte, bool) {
	inside, rest, ok := bytes.Cut(host[1:], []byte("]"))
	port, colon := bytes.CutPrefix(rest, []byte(":"))
	if !ok || (len(rest) > 0 && !colon) || !validPort(port) {
		return nil, false
	}
	addr, err := netip.ParseAddr(string(inside))
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return nil, false
	}
	return []byte(formatIP(addr)), true
}

// validName is more lenient than IsName: with "*" a server answers to any name
// that is free of separators.
func validName(name []byte) bool {
	return len(name) > 0 && name[0] != '.' && !bytes.Contains(name, []byte("..")) &&
		bytes.IndexFunc(name, func(r rune) bool { return r != '.' && notLabelRune(r) }) < 0
}

func validPort(port []byte) bool {
	return len(port) <= len("65535") && len(bytes.Trim(port, "0123456789")) == 0
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
