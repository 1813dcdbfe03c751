package certificate

import (
	"net"
	"net/http"
	"strconv"
	"strings"
)

// A Redirect sends the clients of plain HTTP to https.
type Redirect struct {
	Allows    func(host []byte) bool // whether the server answers to the host
	HTTPPort  int                    // where this handler listens
	HTTPSPort int                    // where the server listens
}

// ServeHTTP redirects GET and HEAD to the same address with https. It refuses all other
// methods: their body has crossed the network readable, and a redirect would hide that and
// send it again.
func (d Redirect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	switch {
	case !d.Allows([]byte(r.Host)) || !strings.HasPrefix(r.URL.RequestURI(), "/"):
		http.Error(w, "This server does not answer to this host.", http.StatusBadRequest)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Upgrade", "TLS/1.2, HTTP/1.1") // RFC 9110 asks for it
		header.Set("Connection", "Upgrade, close")
		http.Error(w, "Use https:// for this. What you have sent could be read on its way.", http.StatusUpgradeRequired)
	default:
		header.Set("Location", "https://"+d.target(r.Host)+r.URL.RequestURI())
		w.WriteHeader(http.StatusPermanentRedirect)
	}
}

// target returns the host, with the port of https unless it is 443. A client that comes
// without a port to a listener that is not on 80 comes through a mapping of ports, as of a
// container, and so the port of https is mapped as well.
func (d Redirect) target(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		if host = hostport; d.HTTPPort != 80 {
			return host
		}
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if d.HTTPSPort == 443 {
		return host
	}
	return host + ":" + strconv.Itoa(d.HTTPSPort)
}
