// Package hosts reads the list of hosts that the server answers, and matches requests
// against it. Refusing requests for all other hosts stops DNS rebinding and poisoned
// Host headers.
package hosts

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
)

// A List is the hosts that the server answers. The zero List has none. A List is
// immutable and safe for concurrent use.
type List struct {
	entries []string // lower case, no port, no trailing dot; ".example.org" is that domain and its subdomains, "*" any host
}

// Local returns the local names of a machine, the default of --allowed-hosts.
func Local() List { return List{entries: []string{"localhost", "127.0.0.1", "[::1]"}} }

// String returns the list in the form that Parse reads, normalized.
func (l List) String() string { return strings.Join(l.entries, ",") }

// With returns the list with these names added, which are lower case and have no port.
func (l List) With(names ...string) List {
	all := slices.Clone(l.entries)
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return List{entries: all}
}

// Empty reports whether the list is empty.
func (l List) Empty() bool { return len(l.entries) == 0 }

// Allows reports whether host, with or without a port, is on the list. It returns false
// for a malformed host. It allocates only for IPv6.
func (l List) Allows(host []byte) bool {
	if l.lists(host) {
		return true
	}
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

// lists reports whether an entry is the host as it was sent, with or without a port. Nearly
// all hosts are sent like that, and looking at them in full takes a tenth of a refresh.
func (l List) lists(host []byte) bool {
	for _, entry := range l.entries {
		if entry[0] == '.' || entry == "*" || len(host) < len(entry) || string(host[:len(entry)]) != entry {
			continue
		}
		rest := host[len(entry):]
		if len(rest) == 0 || rest[0] == ':' && validPort(rest[1:]) {
			return true
		}
	}
	return false
}

// Name returns a host as an entry of a list names it: in lower case, without port and
// trailing dot. It returns "" for a host that cannot be an entry.
func Name(host []byte) string {
	name, ok := hostname(nil, host)
	if !ok || name[0] != '[' && !IsName(string(name)) {
		return ""
	}
	return string(name)
}

// maxHost is the longest DNS name with a dot and a port.
const maxHost = maxName + len(".:65535")

// hostname appends the host to dst, in lower case, without port and trailing dot. It
// returns false for a malformed host.
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

// bracketed is hostname for [::1] and [::1]:8000. It parses and formats the address,
// because IPv6 addresses have several spellings.
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

// validName is more lenient than IsName: with "*" the server answers any name without
// separators.
func validName(name []byte) bool {
	return len(name) > 0 && name[0] != '.' && !bytes.Contains(name, []byte("..")) &&
		bytes.IndexFunc(name, func(r rune) bool { return r != '.' && notLabelRune(r) }) < 0
}

func validPort(port []byte) bool {
	for _, b := range port {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(port) <= len("65535")
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
