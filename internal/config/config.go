// Package config reads and checks the settings.
//
// A flag wins over the environment, which wins over the settings file, which wins over
// the default. A setting is one row of the table in this file; its flag, its variable,
// its help, the sample file and docs/SETTINGS.md come from that row. Load reports all
// mistakes at once, each with its place and what is allowed there.
package config

import (
	"log/slog"
	"slices"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/assets"
	"pagesession/internal/basepath"
	"pagesession/internal/client"
	"pagesession/internal/hosts"
	"pagesession/internal/network"
	"pagesession/internal/text"
	"pagesession/session"
)

// Config has the value of each setting. Load checks it; a Config that you build
// yourself is used unchecked.
type Config struct {
	// Addr is where to listen, in a form that listen.Parse reads: host:port, or unix:
	// and the path of a socket. Port 0 picks a free one.
	Addr string
	// TLSCert and TLSKey are the files of the server's certificate; "" for plain HTTP.
	TLSCert, TLSKey string
	// Domains get their certificates from the authority at ACMEDirectory, whose terms
	// ACMEAcceptTerms accepts, with the address ACMEEmail. They are lower case.
	Domains         []string
	ACMEDirectory   string
	ACMEEmail       string
	ACMEAcceptTerms bool
	// HTTPAddr is the host:port that redirects plain HTTP to https; "" for none.
	HTTPAddr string
	// MetricsAddr is where Prometheus finds the metrics, in a form that listen.Parse reads; ""
	// for nowhere.
	MetricsAddr string
	// DataDir is the folder of the session file. A missing folder is created.
	DataDir string
	// Accounts is the URL of the PostgreSQL database that has the operators, maybe with a
	// password; "" for a file in the data folder.
	Accounts string
	// Sessions says where sessions are, with the passwords; the zero value stands
	// for the file in the data folder.
	Sessions SessionServer
	// SessionsPassword and SentinelPassword are in Sessions, too.
	SessionsPassword, SentinelPassword string
	// SessionsCA is the file of the authorities that the session server's certificate may
	// be from; "" for the machine's. SessionsCert and SessionsKey are the files of the
	// certificate that this server shows; "" for none.
	SessionsCA, SessionsCert, SessionsKey string
	// RedisWait is how many replicas must have the end of a session.
	RedisWait int
	// SecretKey is the file of the signing key; "" for the one in the data folder, which is
	// made if it is missing.
	SecretKey string
	// ServerName is what the servers that share the sessions call this one; "" for the
	// machine's name with the port.
	ServerName string
	// SecondFactor says which operators have to have a second factor.
	SecondFactor account.Requirement
	// IdleTimeout ends a session that is unused for this long.
	IdleTimeout time.Duration
	// AbsoluteTimeout ends a session this long after its start, used or not.
	// 0 means never.
	AbsoluteTimeout time.Duration
	// CookieName is the name of visitors' session cookie, without the prefix of https.
	CookieName string
	// MaxSessions is the largest number of live sessions. At this number new sessions
	// are refused, and the live ones stay.
	MaxSessions int
	// ClientCreations is how many sessions one network may create in a second, and
	// ClientBurst how many of them at once. 0 means any number.
	ClientCreations, ClientBurst int
	// ClientSessions is the largest number of live sessions of one network. 0 means a
	// tenth of MaxSessions.
	ClientSessions int
	// ClientConnections is the largest number of connections from one network. 0 means
	// any number.
	ClientConnections int
	// MaxStreams is the largest number of open streams that tell pages of their session's
	// end. 0 means none.
	MaxStreams int
	// KeepAlive is how long a connection may be unused between two requests.
	KeepAlive time.Duration
	// Drain is how long the server goes on serving after the signal to stop, while /readyz
	// says that it is not ready. 0 means that it stops at once.
	Drain time.Duration
	// BasePath is where the server's addresses begin.
	BasePath basepath.Path
	// StaticURL is where pages load static files from.
	StaticURL assets.Place
	// AllowedHosts are the hosts that the server answers.
	AllowedHosts hosts.List
	// TrustedProxies are the reverse proxies whose headers say who the client is.
	TrustedProxies client.Proxies
	// ClientAddress is what is written of visitors' and operators' addresses.
	ClientAddress network.Kept
	// AuditKeep is how long entries of the audit log are kept. 0 means without a limit.
	AuditKeep time.Duration
	// Language is the language of the pages: one of text.Tags, or text.Auto for the
	// language that each visitor's browser asks for.
	Language string
	// TimeZone is the zone of dates on the pages and in the tables of commands.
	TimeZone *time.Location
	// Debug adds the routes and a request id to error pages, and shows notices of
	// level debug. Data and environment stay hidden.
	Debug bool
	// LogFormat is LogAuto, LogText or LogJSON.
	LogFormat string
	// LogLevel is the lowest level of the lines in the log.
	LogLevel slog.Level
	// AccessLog is AccessOff, AccessSampled or AccessOn.
	AccessLog string
	// Backups says where and when backups are made.
	Backups Backups
	// Written has the settings that are set, in the form of a settings file, maybe with secrets;
	// nil if all are defaults. It is no setting.
	Written []byte
	// Shown has all settings as people may see them, without secrets: the Values of a Loaded. It
	// is no setting, and the command that starts a server fills it in.
	Shown []Value

	// Exposed has a line for each file of settings, secrets or a key that is open to others, and
	// Unknown one for each unknown variable in the environment. They are not settings: Load has
	// noticed them.
	Exposed, Unknown []string
}

// settings lists all settings in the order of the documentation. To add one, write a
// field of Config, a row here and the code that uses it; then run the tests of this
// package with -update.
func settings() []setting {
	def := session.DefaultConfig()
	// A cookie's Max-Age counts in seconds. A month bounds how long a forgotten session lives.
	idle := duration(time.Second, 30*day, def.IdleTimeout, "")
	// Browsers keep a cookie for at most 400 days.
	absolute := duration(time.Second, 400*day, def.AbsoluteTimeout, "none")
	// The maximum takes 20 GB of index, at 400 bytes a session; more is a typing mistake.
	count := number(1, 50*many, many)
	// Balancers and browsers that reuse a connection for longer than it is kept lose a
	// request now and then. The usual 60 s of balancers need a little more than that.
	alive := duration(time.Second, time.Hour, 75*time.Second, "")
	hostList := kind[hosts.List]{"host names and IP addresses without a port, .domain, *", hosts.Parse, hosts.List.String}
	return slices.Concat([]setting{{
		name:  addr,
		help:  "listen on this `host:port`, or on a Unix socket, as in unix:/run/pagesession/http.sock,mode=0660; port 0 picks a free one",
		note:  "a socket without a mode has 0600: only the server's user may connect; the default with --domain is :443",
		value: of(func(c *Config) *string { return &c.Addr }, kind[string]{"host:port, or unix:/path", parseAddr, itself}, "127.0.0.1:8000"),
	}, {
		name:  tlsCert,
		help:  "serve https with the certificate in this PEM `file`, with its chain",
		note:  "the file and the key are loaded again when they change, and on SIGHUP",
		value: of(func(c *Config) *string { return &c.TLSCert }, kind[string]{"a file, or empty", parsePath, itself}, ""),
	}, {
		name:  tlsKey,
		help:  "the private key of --tls-cert, a PEM `file`",
		value: of(func(c *Config) *string { return &c.TLSKey }, kind[string]{"a file, or empty", parsePath, itself}, ""),
	}, {
		name:  domain,
		help:  "serve https for this host `name`, with a certificate that the server orders from --acme-directory and renews",
		note:  "may be given several times, or have several names with commas; the names are allowed hosts",
		list:  true,
		value: of(func(c *Config) *[]string { return &c.Domains }, kind[[]string]{"host names", parseDomains, joinDomains}, nil),
	}, {
		name:  "acme-directory",
		help:  "the `URL` of the authority for --domain, as in RFC 8555",
		value: of(func(c *Config) *string { return &c.ACMEDirectory }, kind[string]{"an https URL", parseDirectory, itself}, letsEncrypt),
	}, {
		name:  "acme-email",
		help:  "where the authority writes to if something is wrong, an e-mail `address`",
		value: of(func(c *Config) *string { return &c.ACMEEmail }, kind[string]{"an e-mail address, or empty", parseEmail, itself}, ""),
	}, {
		name:  acceptTerms,
		help:  "accept the authority's terms of service, which --domain needs",
		note:  "Let's Encrypt's are at https://letsencrypt.org/repository/",
		value: of(func(c *Config) *bool { return &c.ACMEAcceptTerms }, yesNo(), false),
	}, {
		name:  httpAddr,
		help:  "redirect plain HTTP on this `host:port` to https, and answer the authority there; none for no such port",
		note:  "the default with --domain is :80",
		value: of(func(c *Config) *string { return &c.HTTPAddr }, kind[string]{"host:port, none, or empty", parseHTTPAddr, itself}, ""),
	}, {
		name:  "metrics-addr",
		help:  "answer Prometheus at /metrics on this `host:port`, or on a Unix socket, as in unix:/run/pagesession/metrics.sock; empty for no metrics",
		note:  "plain HTTP without a password, so keep the address private; see METRICS.md",
		value: of(func(c *Config) *string { return &c.MetricsAddr }, kind[string]{"host:port, unix:/path, or empty", parseMetricsAddr, itself}, ""),
	}, {
		name:  "data-dir",
		help:  "keep sessions and accounts in this `folder`",
		note:  "a missing folder is created with mode 0700",
		value: of(func(c *Config) *string { return &c.DataDir }, kind[string]{"a folder", parseFolder, itself}, "./data"),
	}, {
		name:  accounts,
		help:  "keep operators and audit log in this PostgreSQL database, a postgres:// `URL`; empty for a file in the data folder",
		note:  "several servers can share it; the password comes from PGPASSWORD, PGPASSFILE or the variables, since a flag with one is refused",
		file:  true,
		value: of(func(c *Config) *string { return &c.Accounts }, kind[string]{"a postgres:// URL, or empty", parseAccounts, withoutPassword}, ""),
	}, {
		name:  sessions,
		help:  "keep visitors' and operators' sessions in Redis, at this `URL`: redis://host:6379, redis+sentinel://host,host/MASTER or redis+cluster://host,host; rediss for TLS; empty for a file in the data folder",
		note:  "several servers can share it, see SCALING.md; the password comes from PAGESESSION_SESSIONS_PASSWORD or the URL in the variable, since a flag with one is refused",
		file:  true,
		value: of(func(c *Config) *SessionServer { return &c.Sessions }, kind[SessionServer]{"a redis:// URL, or empty", ParseSessionServer, SessionServer.String}, SessionServer{}),
	}, {
		name:   sessionsPassword,
		help:   "the password for Redis, unless the URL of --sessions has it",
		secret: true,
		value:  of(func(c *Config) *string { return &c.SessionsPassword }, kind[string]{"a password, or empty", parsePassword, itself}, ""),
	}, {
		name:   sentinelPassword,
		help:   "the password for the sentinels",
		secret: true,
		value:  of(func(c *Config) *string { return &c.SentinelPassword }, kind[string]{"a password, or empty", parsePassword, itself}, ""),
	}, {
		name:  sessionsCA,
		help:  "trust the certificates of Redis that the authorities in this PEM `file` have issued",
		note:  "default: those that the machine trusts",
		value: of(func(c *Config) *string { return &c.SessionsCA }, kind[string]{"a file, or empty", parsePath, itself}, ""),
	}, {
		name:  sessionsCert,
		help:  "show Redis the certificate in this PEM `file`",
		value: of(func(c *Config) *string { return &c.SessionsCert }, kind[string]{"a file, or empty", parsePath, itself}, ""),
	}, {
		name:  sessionsKey,
		help:  "the private key of --sessions-cert, a PEM `file`",
		value: of(func(c *Config) *string { return &c.SessionsKey }, kind[string]{"a file, or empty", parsePath, itself}, ""),
	}, {
		name:  redisWait,
		help:  "answer the end of a session when this `number` of Redis's replicas have it, so that a failover keeps it",
		note:  "if they do not have it within half a second, the page says that a crash may bring the session back",
		value: of(func(c *Config) *int { return &c.RedisWait }, number(0, 16, 1), 0),
	}, {
		name:  SecretKey,
		help:  "sign cookies and seal secrets with the key in this `file` of 32 bytes; empty for secret.key in the data folder, which the server makes",
		note:  "several servers need the same key; the file has to exist",
		value: of(func(c *Config) *string { return &c.SecretKey }, kind[string]{"a file, or empty", parsePath, itself}, ""),
	}, {
		name:  serverName,
		help:  "call this server `name` among those that share sessions in Redis",
		note:  "default: the machine's name with the port",
		value: of(func(c *Config) *string { return &c.ServerName }, kind[string]{"a name, or empty", parseServerName, itself}, ""),
	}, {
		name:  "second-factor",
		help:  "which `operators` must have a second factor: optional for none of them, superusers, or required for all",
		note:  "a sign-in asks each operator who has one; those who must have one and have none set it up after their next sign-in, before anything else",
		value: of(func(c *Config) *account.Requirement { return &c.SecondFactor }, requirement(), account.Optional),
	}, {
		name:  "idle-timeout",
		help:  "end a session unused for this `duration`, " + idle.allowed,
		value: of(func(c *Config) *time.Duration { return &c.IdleTimeout }, idle, def.IdleTimeout),
	}, {
		name:  "absolute-timeout",
		help:  "end a session this `duration` after its start, used or not; 0 for never",
		note:  "at least the idle timeout",
		value: of(func(c *Config) *time.Duration { return &c.AbsoluteTimeout }, absolute, def.AbsoluteTimeout),
	}, {
		name:  "cookie-name",
		help:  "call visitors' session cookie this `name`; over https it begins with __Host-",
		note:  "after a change visitors start new sessions; give each server on a host its own name, because browsers send cookies to every port",
		value: of(func(c *Config) *string { return &c.CookieName }, kind[string]{"a cookie's name", parseCookieName, itself}, def.CookieName),
	}, {
		name:  maxSessions,
		help:  "refuse new sessions beyond this `number` of live ones",
		note:  "a million sessions of 60 bytes take up to 0.6 GB of memory; not with --sessions: there Redis's maxmemory is the limit",
		value: of(func(c *Config) *int { return &c.MaxSessions }, count, many),
	}, {
		name:  "client-creations",
		help:  "let one network (an IPv4 address, an IPv6 /64) create this `number` of sessions a second; 0 for any number",
		note:  "this machine and trusted proxies are exempt from all limits of a network",
		value: of(func(c *Config) *int { return &c.ClientCreations }, number(0, 100_000, 10), 10),
	}, {
		name:  "client-burst",
		help:  "let one network create this `number` of sessions at once, before --client-creations counts",
		value: of(func(c *Config) *int { return &c.ClientBurst }, number(1, 1_000_000, 100), 100),
	}, {
		name:  clientSessions,
		help:  "let one network have this `number` of live sessions; 0 for a tenth of --max-sessions",
		note:  "not with --sessions",
		value: of(func(c *Config) *int { return &c.ClientSessions }, number(0, 50*many, many/10), 0),
	}, {
		name:  "client-connections",
		help:  "let one network have this `number` of connections; 0 for any number",
		note:  "further ones get a 429",
		value: of(func(c *Config) *int { return &c.ClientConnections }, number(0, 100_000, 200), 200),
	}, {
		name:  "max-streams",
		help:  "hold this `number` of streams open at most, one for each browser, which tell pages of their session's end; 0 for none",
		note:  "one network has --client-connections of them; pages without one ask every 3 s while they are visible; a proxy in front needs two connections for each",
		value: of(func(c *Config) *int { return &c.MaxStreams }, number(0, 1_000_000, 20_000), 20_000),
	}, {
		name:  "keep-alive",
		help:  "keep an unused connection open for this `duration`, " + alive.allowed,
		note:  "longer than the reverse proxy or load balancer in front reuses one, usually 60 s",
		value: of(func(c *Config) *time.Duration { return &c.KeepAlive }, alive, 75*time.Second),
	}, {
		name:  "drain",
		help:  "after SIGTERM serve for this `duration`, while /readyz answers 503 and each answer closes its connection, and then stop; 0 to stop at once",
		note:  "for upgrades behind a load balancer, which meanwhile sends its visitors to other servers; see SCALING.md",
		value: of(func(c *Config) *time.Duration { return &c.Drain }, duration(100*time.Millisecond, 10*time.Minute, 5*time.Second, "none"), 0),
	}, {
		name:  "base-path",
		help:  "serve everything below this `path`, such as /pages/, also cookies and redirects",
		note:  "a reverse proxy passes the path on unchanged; /livez and /readyz answer without it, too",
		value: of(func(c *Config) *basepath.Path { return &c.BasePath }, kind[basepath.Path]{basepath.Allowed, basepath.Parse, basepath.Path.String}, basepath.Path{}),
	}, {
		name:  "static-url",
		help:  "have pages load stylesheets, scripts and images from this `URL`, where the files of \"pagesession collectstatic\" are; empty for this server",
		note:  "it ends with a slash, and is https, or a path on this host; see DEPLOY.md",
		value: of(func(c *Config) *assets.Place { return &c.StaticURL }, kind[assets.Place]{assets.AllowedPlace, assets.ParsePlace, assets.Place.String}, assets.Place{}),
	}, {
		name:  "allowed-hosts",
		help:  "answer requests for these `hosts`, separated by commas; .example.com for subdomains, * for any",
		value: of(func(c *Config) *hosts.List { return &c.AllowedHosts }, hostList, hosts.Local()),
	}, {
		name:  "trusted-proxies",
		help:  "believe the X-Forwarded-For, -Proto, -Host and Forwarded of these `proxies`: addresses and networks, separated by commas, and unix",
		note:  "unix is a proxy on the other end of a Unix socket; a header of any other peer is ignored",
		value: of(func(c *Config) *client.Proxies { return &c.TrustedProxies }, kind[client.Proxies]{"addresses, networks such as 10.0.0.0/8, unix, or empty", client.Parse, client.Proxies.String}, client.Proxies{}),
	}, {
		name:  "client-address",
		help:  "keep this `part` of visitors' and operators' addresses in sessions, audit log and log: full, network for the /24 of IPv4 and the /48 of IPv6, or none",
		note:  "sessions and audit entries that exist stay as they are; limits count whole addresses, in memory only; see PRIVACY.md",
		value: of(func(c *Config) *network.Kept { return &c.ClientAddress }, kind[network.Kept]{"full, network or none", network.ParseKept, network.Kept.String}, network.KeptWhole),
	}, {
		name:  "audit-keep",
		help:  "remove entries of the audit log after this `duration`, in days, as in 400d; 0 to keep them",
		note:  "a running server removes them, at most 500 a minute; beyond a million entries the oldest go in any case",
		value: of(func(c *Config) *time.Duration { return &c.AuditKeep }, days(400*day, "no limit"), 400*day),
	}, {
		name:  "language",
		help:  "show the pages in this `language`: " + languages(),
		note:  "with auto each visitor's browser chooses",
		value: of(func(c *Config) *string { return &c.Language }, kind[string]{languages(), parseLanguage, itself}, text.English),
	}, {
		name:  "time-zone",
		help:  "show dates in this time `zone`, an IANA name such as Europe/Berlin",
		note:  "the program contains all time zones",
		value: of(func(c *Config) **time.Location { return &c.TimeZone }, kind[*time.Location]{"an IANA name", parseTimeZone, (*time.Location).String}, time.UTC),
	}, {
		name:  "debug",
		help:  "show the routes and a request id on error pages, and debug notices",
		note:  "data and environment stay hidden",
		value: of(func(c *Config) *bool { return &c.Debug }, yesNo(), false),
	}}, logSettings(), backupSettings(), superuserSettings())
}
