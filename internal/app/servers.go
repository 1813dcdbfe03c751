package app

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"pagesession/internal/config"
	"pagesession/internal/servers"
)

// join announces this server to those that share its sessions. It returns an error if this
// server does not match them. Sessions in the file are not shared.
func (a *app) join(addr net.Addr) error {
	if a.shared == nil {
		return nil
	}
	a.begin("comparing itself with the other servers")
	known := a.announcement(addr)
	group, err := servers.Join(a.starting, servers.Config{
		Board: a.shared, Logger: a.log, Fits: a.stillThere,
		Info: func() servers.Info {
			info := known
			info.Accounts, info.Rates = a.accountsDigest(), a.monitor.Rates()
			return info
		},
	})
	if err == nil {
		a.group.Store(group)
	}
	return err
}

// announcement returns what this server tells of itself and does not change.
func (a *app) announcement(addr net.Addr) servers.Info {
	return servers.Info{
		Name: serverName(&a.cfg, addr), Version: servers.Version(), Started: time.Now().UTC().Truncate(time.Second),
		Key: servers.KeyDigest(a.key), AccountsFile: a.cfg.Accounts == "", ACME: len(a.cfg.Domains) > 0,
		Settings: map[string]string{
			"idle-timeout": a.cfg.IdleTimeout.String(), "absolute-timeout": a.cfg.AbsoluteTimeout.String(),
			"cookie-name": a.cfg.CookieName, "base-path": a.cfg.BasePath.String(),
			"client-address": a.cfg.ClientAddress.String(), "audit-keep": a.cfg.AuditKeep.String(),
		},
	}
}

// serverName returns the setting, or the machine's name with the port or the socket's file.
func serverName(cfg *config.Config, addr net.Addr) string {
	if cfg.ServerName != "" {
		return cfg.ServerName
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unnamed"
	}
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return host + ":" + strconv.Itoa(tcp.Port)
	}
	return host + ":" + filepath.Base(addr.String())
}

// accountsTime bounds the question which database the accounts are in.
const accountsTime = 200 * time.Millisecond

// accountsDigest returns the digest of the accounts' identity; "" while the database cannot
// say it. The first answer is kept, because a running server does not change its database.
func (a *app) accountsDigest() string {
	if known := a.accountsID.Load(); known != nil {
		return *known
	}
	if _, err := a.accounts.Health(); err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), accountsTime)
	defer cancel()
	id, err := a.accounts.Identity(ctx)
	if err != nil {
		return ""
	}
	digest := servers.AccountsDigest(id)
	a.accountsID.Store(&digest)
	return digest
}

// servers returns the servers that share the sessions; none for those of a file.
func (a *app) servers() []servers.Server { return a.group.Load().Servers() }

// othersRate returns the sum of the other servers' last rates of a figure.
func (a *app) othersRate(figure string) float64 { return a.group.Load().Rate(figure) }
