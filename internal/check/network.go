package check

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// servesHTTPS reports whether visitors can use https: by the server itself, or by a proxy.
func (s Settings) servesHTTPS() bool { return s.TLS || len(s.TrustedProxies) > 0 }

// Reaches reports whether others than this machine may reach the server, directly or
// through a proxy: then the checks of a deployment concern it.
func (s Settings) Reaches() bool { return s.servesHTTPS() || !IsLocal(s.Addr) }

func withoutTLS(f Facts, say report) {
	if !f.Settings.servesHTTPS() {
		say("Visitors use plain http, so others on the network can read and change what they send.",
			"Use --domain or --tls-cert, or name the reverse proxy that has TLS in --trusted-proxies.")
	}
}

func onlyThisMachine(f Facts, say report) {
	if s := f.Settings; IsLocal(s.Addr) && len(s.TrustedProxies) == 0 {
		say(fmt.Sprintf("Only this machine can connect to --addr %s, and no reverse proxy on it is named.", s.Addr),
			"Use --domain example.com --acme-accept-terms, which listens on :443; or choose --addr; or behind a proxy on this machine --trusted-proxies 127.0.0.1.")
	}
}

func onlyLocalHosts(f Facts, say report) {
	for _, host := range f.Settings.AllowedHosts {
		if !isLocalHost(host) {
			return
		}
	}
	say(fmt.Sprintf("The server answers only the hosts %s. Visitors of any other name get a page that says “Unknown address”.", strings.Join(f.Settings.AllowedHosts, ", ")),
		"Name your hosts: --allowed-hosts example.com, or --domain example.com.")
}

func anyHost(f Facts, say report) {
	if slices.Contains(f.Settings.AllowedHosts, "*") {
		say("The server answers any host, so other names can lead visitors to it.", "Name your hosts instead of *: --allowed-hosts example.com.")
	}
}

// expirySoon leaves time to repair a renewal. Clients of authorities renew a month before.
const expirySoon = 14 * 24 * time.Hour

func brokenCertificate(f Facts, say report) {
	for _, c := range f.Certificates {
		switch now := f.Clock.Now; {
		case c.Broken != "":
			say(fmt.Sprintf("The certificate %q cannot be used: %s.", c.Name, c.Broken), "Without it the server does not start, or browsers cannot connect.")
		case now.After(c.Ends):
			say(fmt.Sprintf("The certificate %q ended on %s, so browsers refuse it.", c.Name, day(c.Ends)), "Renew it. The server takes the new files without a restart.")
		case now.Before(c.Begins):
			say(fmt.Sprintf("The certificate %q is valid only from %s on.", c.Name, day(c.Begins)), "Check the clock of this machine, or use another certificate until then.")
		}
	}
}

func certificateEnds(f Facts, say report) {
	for _, c := range f.Certificates {
		// Certificates of a few days are renewed in their last third.
		left := c.Ends.Sub(f.Clock.Now)
		if c.Broken == "" && left > 0 && left < min(expirySoon, c.Ends.Sub(c.Begins)/4) {
			say(fmt.Sprintf("The certificate %q ends on %s.", c.Name, day(c.Ends)), "Renew it, and find out why that was not done by itself.")
		}
	}
}

func uncoveredHosts(f Facts, say report) {
	for _, c := range f.Certificates {
		if len(c.Uncovered) > 0 {
			say(fmt.Sprintf("The certificate %q does not name %s, so browsers refuse the server under that name.", c.Name, strings.Join(c.Uncovered, ", ")),
				"Order a certificate with all names, or take those out of --allowed-hosts.")
		}
	}
}

func ignoredProxy(f Facts, say report) {
	if f.Serving == nil || f.Serving.Untrusted == "" {
		return
	}
	peer := f.Serving.Untrusted
	say(fmt.Sprintf("The peer %s sends the headers of a reverse proxy, and is not a trusted proxy, so they are ignored.", peer),
		fmt.Sprintf("If it is your proxy, start the server with --trusted-proxies %s. If not, there is nothing to do.", peer))
}

func wideProxies(f Facts, say report) {
	for _, entry := range f.Settings.TrustedProxies {
		if n, err := netip.ParsePrefix(entry); err == nil && n.Bits() == 0 {
			say(fmt.Sprintf("--trusted-proxies has %s, so any client can say which address it has, and no limit and no audit entry can rely on that.", entry),
				"Name the addresses of your proxies.")
		}
	}
}

func cookiesWithoutHost(f Facts, say report) {
	if s := f.Settings; s.servesHTTPS() && s.BasePath != "/" {
		say(fmt.Sprintf("With --base-path %s cookies are named __Secure-, since __Host- is for the path / only. Subdomains and other programs on this host can then set cookies of these names.", s.BasePath),
			"Give the server a host of its own, without --base-path, if you do not trust those.")
	}
}

func publicMetrics(f Facts, say report) {
	if addr := f.Settings.MetricsAddr; addr != "" && !isPrivate(addr) {
		say(fmt.Sprintf("--metrics-addr %s may be reached from outside. Metrics have no password and no TLS, and tell how many visitors you have and which limits are near.", addr),
			"Use 127.0.0.1, a Unix socket, or an address of a private network.")
	}
}

func plainRedis(f Facts, say report) {
	r := f.Settings.Redis
	if r == nil || r.Local {
		return
	}
	if !r.Verified {
		say("Sessions go to Redis on another machine without TLS, so others on the network can read and change them.", "Use rediss:// in --sessions, and --sessions-ca.")
	}
	if !r.Password {
		say("Redis on another machine has no password. A program that can write there can be any visitor and any operator.", "Give Redis a password, and set PAGESESSION_SESSIONS_PASSWORD.")
	}
}

func plainPostgreSQL(f Facts, say report) {
	if p := f.Settings.PostgreSQL; p != nil && !p.Local && !p.Verified {
		say("PostgreSQL is on another machine, and its certificate is not checked, so others on the network could read and change the accounts.",
			"Add ?sslmode=verify-full to --accounts.")
	}
}

// hostOf returns the host of an address to listen on; "" for all interfaces.
func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

// IsLocal reports whether an address, host:port or a host or unix:/path, is of this machine only.
func IsLocal(addr string) bool {
	host := hostOf(addr)
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return strings.HasPrefix(addr, "unix:") || host == "localhost" || err == nil && ip.IsLoopback()
}

// isPrivate reports whether an address to listen on is of this machine or of a private network.
func isPrivate(addr string) bool {
	ip, err := netip.ParseAddr(hostOf(addr))
	return IsLocal(addr) || err == nil && (ip.IsPrivate() || ip.IsLinkLocalUnicast())
}

// isLocalHost reports whether an allowed host is a name of each machine for itself.
func isLocalHost(host string) bool {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}
