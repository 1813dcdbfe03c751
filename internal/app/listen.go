package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/netutil"

	"pagesession/internal/certificate"
	"pagesession/internal/limit"
	"pagesession/internal/listen"
	"pagesession/internal/systemd"
)

// listen listens on --addr, --metrics-addr and --http-addr, and serves there. It returns the address of the
// first. An error says what to do.
func (a *app) listen() (net.Addr, error) {
	var err error
	if a.sockets, err = a.process.Systemd.Open(); err != nil {
		return nil, err
	}
	ln, err := a.listenOn(a.cfg.Addr, systemd.HTTP, "--addr", "")
	if err != nil {
		return nil, err
	}
	a.served = make(chan error, 2)
	go func() { a.served <- a.server.ServeTLS(ln, a.tlsConfig()) }()
	if err := a.serveMetrics(); err != nil {
		return nil, err
	}
	if a.cfg.HTTPAddr == "" {
		return ln.Addr(), a.sockets.Rest()
	}
	plain, err := a.listenOn(a.cfg.HTTPAddr, systemd.Redirect, "--http-addr", ", or none")
	if err != nil {
		return nil, err
	}
	a.serveRedirect(plain, ln.Addr())
	return ln.Addr(), a.sockets.Rest()
}

// listenOn listens on addr, the value of flag, or takes the socket of that name from systemd.
// An error says what to do: choose another value, or what else says.
func (a *app) listenOn(addr, name, flag, orElse string) (net.Listener, error) {
	ln, err := a.sockets.Take(name, addr, flag)
	if ln != nil || err != nil {
		return ln, err
	}
	parsed, err := listen.Parse(addr)
	if err == nil {
		ln, err = parsed.Listen()
	}
	if err != nil {
		return nil, listenError(addr, flag+orElse, err)
	}
	return ln, nil
}

// listenError says what to do about err: choose another address with flag, or get the right
// to use a port as low as that of https.
func listenError(addr, flag string, err error) error {
	cure := "choose another address with " + flag
	if errors.Is(err, fs.ErrPermission) && !strings.HasPrefix(addr, "unix:") {
		cure = "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE, as in deploy/pagesession.service; or " + cure
	}
	return fmt.Errorf("listen on %s: %w; %s", addr, err, cure)
}

// Limits of the port that redirects. An answer is a line, so clients need little.
const (
	redirectConnections = 1_000 // others wait in the kernel
	redirectHeader      = 8 << 10
	redirectTime        = 5 * time.Second // for a request, an answer, and between two
)

// serveRedirect redirects the clients of ln to https, which listens on secure.
func (a *app) serveRedirect(ln net.Listener, secure net.Addr) {
	var handler http.Handler = certificate.Redirect{
		Allows: a.cfg.AllowedHosts.Allows, HTTPPort: portOf(ln.Addr()), HTTPSPort: portOf(secure),
	}
	if acme, ok := a.certificates.(*certificate.ACME); ok {
		handler = acme.Challenges(handler)
	}
	a.redirect = &http.Server{
		Handler: handler, MaxHeaderBytes: redirectHeader,
		ReadTimeout: redirectTime, WriteTimeout: redirectTime, IdleTimeout: redirectTime,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug), // any client can cause these
	}
	ln = limit.Listener(ln, a.cfg.ClientConnections, a.clients.PeerNetwork)
	a.log.Info("redirecting to https", slog.String("from", "http://"+ln.Addr().String()+"/"))
	go func() {
		err := a.redirect.Serve(netutil.LimitListener(ln, redirectConnections))
		if !errors.Is(err, http.ErrServerClosed) {
			a.served <- fmt.Errorf("accept connections on %s: %w", ln.Addr(), err)
		}
	}()
}

// portOf returns the port of a listener; 0 for a socket.
func portOf(addr net.Addr) int {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}

// urlOf returns how to reach a listener: a URL, or unix: and the path of a socket.
func (a *app) urlOf(addr net.Addr) string {
	if addr.Network() == "unix" {
		return "unix:" + addr.String()
	}
	return a.scheme() + "://" + a.hostOf(addr) + a.cfg.BasePath.String()
}

// hostOf returns a host and port that a browser can open: for a listener on all addresses
// the first domain, or this machine if it is allowed.
func (a *app) hostOf(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	switch {
	case !ok || !tcp.IP.IsUnspecified():
		return addr.String()
	case len(a.cfg.Domains) > 0:
		return net.JoinHostPort(a.cfg.Domains[0], strconv.Itoa(tcp.Port))
	}
	return cmp.Or(loopback(addr, a.reaches), addr.String())
}
