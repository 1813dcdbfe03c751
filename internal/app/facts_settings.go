package app

import (
	"slices"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/check"
	"pagesession/internal/config"
	"pagesession/internal/server"
)

// settingsFacts returns the settings that checks look at. None of them is a secret.
func settingsFacts(cfg *config.Config) check.Settings {
	s := check.Settings{
		Addr: cfg.Addr, TLS: cfg.TLSCert != "" || len(cfg.Domains) > 0, BasePath: cfg.BasePath.String(),
		TrustedProxies: list(cfg.TrustedProxies.String()),
		AllowedHosts:   list(cfg.AllowedHosts.With(cfg.Domains...).String()),
		MaxSessions:    cfg.MaxSessions, MaxStreams: cfg.MaxStreams, Connections: mostConnections(cfg),
		SecondFactor: cfg.SecondFactor != account.Optional,
		MetricsAddr:  cfg.MetricsAddr, Debug: cfg.Debug,
		Exposed: cfg.Exposed, Unknown: cfg.Unknown,
	}
	if !cfg.Sessions.IsFile() {
		s.MaxSessions = 0
		s.Redis = &check.Remote{Local: allLocal(cfg.Sessions.Addresses), Verified: cfg.Sessions.TLS, Password: cfg.Sessions.Password != ""}
	}
	if cfg.Accounts != "" {
		s.PostgreSQL = postgresFacts(cfg.Accounts)
	}
	return s
}

// mostConnections returns how many connections all ports have at most.
func mostConnections(cfg *config.Config) int {
	limits := server.DefaultLimits()
	most := limits.Connections + limits.Overflow
	if cfg.HTTPAddr != "" {
		most += redirectConnections
	}
	return most
}

// list returns the entries of a list with commas; none for "".
func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// allLocal reports whether all addresses are of this machine.
func allLocal(addresses []string) bool {
	return !slices.ContainsFunc(addresses, func(addr string) bool { return !check.IsLocal(addr) })
}

// postgresFacts returns what the URL and PostgreSQL's own variables say; nil if they are wrong,
// which opening the accounts reports.
func postgresFacts(url string) *check.Remote {
	hosts, verified, err := account.Connection(url)
	if err != nil {
		return nil
	}
	local := !slices.ContainsFunc(hosts, func(host string) bool { return !strings.HasPrefix(host, "/") && !check.IsLocal(host) })
	return &check.Remote{Local: local, Verified: verified, Password: true}
}
