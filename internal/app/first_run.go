package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"pagesession/internal/console"
	"pagesession/internal/servers"
)

// firstRun prints a link that creates the first superuser, if the database is new. The link
// works once, for half an hour, on this machine, and stays out of the log. While the
// accounts cannot be read there may be a superuser, so there is no link.
//
// Of servers that share their sessions one prints a link, which works on all of them. When it
// is gone, another one prints its own.
func (a *app) firstRun(addr net.Addr) console.FirstRun {
	has, err := a.accounts.HasSuperuser(a.starting)
	var isNew bool
	if err == nil && !has {
		isNew, err = a.accounts.FirstRun(a.starting)
	}
	switch {
	case err != nil:
		a.log.Warn("accounts cannot be read, so there is no link for a first operator; if there is none yet, create one later: pagesession createsuperuser",
			slog.Any("error", err))
		return nil
	case has:
		return nil
	case !isNew:
		fmt.Fprintf(a.process.Notices, "No superuser can sign in, though the accounts are not new. Restore a backup, or create one: pagesession createsuperuser --data-dir %s\n",
			strconv.Quote(a.cfg.DataDir))
		return nil
	}
	first, secret := console.NewFirstRun(time.Now())
	host, group := loopback(addr, a.reaches), a.group.Load()
	switch {
	case host == "":
		a.printFirst(host, secret)
	case group != nil:
		group.Offer(servers.Offer{
			Digest: console.FirstRunDigest(secret), Lasts: console.FirstRunTime,
			Wanted: a.wantsFirst, Made: func() { a.printFirst(host, secret) },
		})
	default:
		a.printFirst(host, secret)
		return first
	}
	if group == nil {
		return nil
	}
	return sharedFirstRun{group}
}

// printFirst prints how to make the first superuser: by the link, or by a command where no
// browser reaches the server.
func (a *app) printFirst(host, secret string) {
	if host == "" {
		fmt.Fprintf(a.process.Notices, "No operator yet. Create one on this machine: pagesession createsuperuser --data-dir %s\n",
			strconv.Quote(a.cfg.DataDir))
		return
	}
	fmt.Fprintf(a.process.Notices, "No operator yet. Create one within %d minutes, on this machine: %s://%s%s#key=%s\n",
		int(console.FirstRunTime.Minutes()), a.scheme(), host, a.cfg.BasePath.URL(console.FirstRunPath), secret)
}

// wantsFirst reports whether there is no operator yet.
func (a *app) wantsFirst(ctx context.Context) bool {
	first, err := a.accounts.FirstRun(ctx)
	return first && err == nil
}

// sharedFirstRun is the console.FirstRun of servers that share their sessions: one of them has
// printed the link.
type sharedFirstRun struct{ group *servers.Group }

func (f sharedFirstRun) Digest(ctx context.Context, _ time.Time) (string, error) {
	return f.group.Offered(ctx)
}

// reaches reports whether a browser can use this host name or address: it has to be allowed
// and, with TLS, in the certificate.
func (a *app) reaches(host []byte) bool {
	return a.cfg.AllowedHosts.Allows(host) && (a.certificates == nil || a.certificates.Covers(string(host)))
}

// loopback returns the host:port by which a browser on this machine reaches the server,
// with a host that it can use, or "".
func loopback(addr net.Addr, reaches func(host []byte) bool) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return ""
	}
	everywhere := tcp.IP.IsUnspecified()
	for _, local := range []struct{ host, ip string }{
		{"127.0.0.1", "127.0.0.1"}, {"localhost", "127.0.0.1"}, {"[::1]", "::1"}, {"localhost", "::1"},
	} {
		ip := net.ParseIP(local.ip)
		// 0.0.0.0 listens on all IPv4 addresses, [::] on all addresses.
		reached := tcp.IP.Equal(ip) || everywhere && (tcp.IP.To4() == nil || ip.To4() != nil)
		if reached && reaches([]byte(local.host)) {
			return local.host + ":" + strconv.Itoa(tcp.Port)
		}
	}
	return ""
}
