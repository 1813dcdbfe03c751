package web

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"
)

// hosts are the hosts that are served. Whoever points another name at this
// server (DNS rebinding, a poisoned Host header) is answered 400.
type hosts struct {
	any     bool
	exact   map[string]struct{} // lower case, no port, no trailing dot
	domains []string            // ".example.org": that domain and all below it
}

func newHosts(list []string) hosts {
	h := hosts{exact: make(map[string]struct{}, len(list))}
	for _, entry := range list {
		h.add(strings.ToLower(strings.TrimSpace(entry)))
	}
	return h
}

func (h *hosts) add(entry string) {
	switch {
	case entry == "":
	case entry == "*":
		h.any = true
	case entry[0] == '.':
		h.domains = append(h.domains, entry)
	default:
		if addr, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil && addr.Is6() {
			entry = "[" + addr.String() + "]"
		}
		h.exact[entry] = struct{}{}
	}
}

// serve reports whether the request is for one of the hosts. The Host header
// and the host that fasthttp made of it are not always the same: an absolute
// request target wins over the header, and what stands before an @ is cut off.
// Both have to be allowed.
func (h *hosts) serve(req *fasthttp.Request) bool {
	header, target := req.Header.Host(), req.URI().Host()
	return h.allow(header) && (bytes.Equal(header, target) || h.allow(target))
}

// allow reports whether host, with or without a port, is one of the hosts. A
// malformed one is not, whatever the list says.
func (h *hosts) allow(host []byte) bool {
	var room [maxHost]byte
	name, ok := hostname(room[:0], host)
	if !ok {
		return false
	}
	if h.any {
		return true
	}
	if _, ok := h.exact[string(name)]; ok {
		return true
	}
	for _, domain := range h.domains {
		if string(name) == domain[1:] || bytes.HasSuffix(name, []byte(domain)) {
			return true
		}
	}
	return false
}

// maxHost is the longest DNS name (253) with a dot and a port.
const maxHost = 253 + len(".:65535")

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

// bracketed is hostname for [::1] and [::1]:8000. One address has many
// spellings, so it is read and written anew.
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
	return []byte("[" + addr.String() + "]"), true
}

func validName(name []byte) bool {
	if len(name) == 0 || name[0] == '.' || bytes.Contains(name, []byte("..")) {
		return false
	}
	for _, b := range name {
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' && b != '.' && b != '_' {
			return false
		}
	}
	return true
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
