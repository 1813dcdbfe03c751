package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"pagesession/internal/config"
	"pagesession/internal/listen"
)

// A checkTarget is a server that healthcheck asks.
type checkTarget struct {
	url       string // that is asked for
	shown     string // in messages
	transport *http.Transport
}

// targetOf returns the server that these settings start, on this machine. Its certificate is
// for the names of visitors and not for this address, so it is not checked. Nothing secret is
// sent, and who answers on the server's own port decides about it anyway.
func targetOf(cfg *config.Config) (checkTarget, error) {
	addr, err := listen.Parse(cfg.Addr)
	if err != nil {
		return checkTarget{}, err
	}
	scheme, host := "http", "localhost"
	if cfg.TLSCert != "" || len(cfg.Domains) > 0 {
		scheme = "https"
	}
	if len(cfg.Domains) > 0 {
		host = cfg.Domains[0] // the authority's certificate is chosen by it
	}
	t := checkTarget{url: scheme + "://" + host + cfg.BasePath.URL(readyPath), shown: cfg.Addr}
	if _, port, _ := net.SplitHostPort(addr.HostPort); port == "0" {
		return checkTarget{}, errors.New("--addr has port 0, so the server's port is unknown; name it with --url")
	}
	t.transport = transport(addr)
	t.transport.TLSClientConfig = &tls.Config{ServerName: host, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
	return t, nil
}

const readyPath = "/readyz"

// targetOfURL returns the server at a URL. One without a path, or with that of a folder, is
// asked for its readyz.
func targetOfURL(raw string) (checkTarget, error) {
	if strings.HasPrefix(raw, "unix:") {
		addr, err := listen.Parse(raw)
		if err != nil {
			return checkTarget{}, errors.New("--url " + err.Error())
		}
		return checkTarget{url: "http://localhost" + readyPath, shown: raw, transport: transport(addr)}, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return checkTarget{}, errors.New("--url is not an http, https or unix URL; use for example http://127.0.0.1:8000/readyz")
	}
	if u.Path == "" || strings.HasSuffix(u.Path, "/") {
		u.Path = strings.TrimSuffix(u.Path, "/") + readyPath
	}
	return checkTarget{url: u.String(), shown: u.String(), transport: &http.Transport{}}, nil
}

// transport returns one that reaches addr whatever the URL says. An address of all interfaces
// is this machine's.
func transport(addr listen.Address) *http.Transport {
	network, at := "tcp", addr.HostPort
	if addr.IsUnix() {
		network, at = "unix", addr.Path
	}
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at)
	}}
}
