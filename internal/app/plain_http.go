package app

import (
	"log/slog"
	"net"
)

// warnOfPlainHTTP warns if other machines can reach the server without TLS, and no trusted
// proxy is named that could have it.
func (a *app) warnOfPlainHTTP(addr net.Addr) {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() || a.cfg.ServesHTTPS() {
		return
	}
	a.log.Warn("others on the network can read and change what visitors send, because this address has no TLS; "+
		"use --domain or --tls-cert, or name the reverse proxy that has TLS in --trusted-proxies", slog.String("address", addr.String()))
}
