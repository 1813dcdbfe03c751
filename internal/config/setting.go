package config

import (
	"strconv"
	"strings"

	"pagesession/internal/hosts"
)

// envPrefix starts the name of every environment variable that is ours.
const envPrefix = "PAGESESSION_"

// What createsuperuser --noinput reads from the environment. They are no
// settings: a server does not look at them.
const (
	EnvSuperuserUsername = envPrefix + "SUPERUSER_USERNAME"
	EnvSuperuserEmail    = envPrefix + "SUPERUSER_EMAIL"
	EnvSuperuserPassword = envPrefix + "SUPERUSER_PASSWORD"
)

// setting is one value an operator can set: its names, how it is read into a
// Config and how it is written back.
type setting struct {
	flag  string // without the dashes; the environment's name follows from it
	usage string // the word in backquotes stands for the value in --help
	yesNo bool   // the flag alone means true
	parse func(*Config, string) error
	show  func(Config) string
}

// env is the name of the setting's environment variable.
func (s setting) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.flag, "-", "_"))
}

// The names of the flags. Load needs two of them for the one rule that spans
// settings.
const (
	flagAddr            = "addr"
	flagDataDir         = "data-dir"
	flagIdleTimeout     = "idle-timeout"
	flagAbsoluteTimeout = "absolute-timeout"
	flagMaxSessions     = "max-sessions"
	flagAllowedHosts    = "allowed-hosts"
	flagLanguage        = "language"
	flagTimeZone        = "time-zone"
	flagDebug           = "debug"
)

// settings lists every setting. It is a function because a package-level
// slice could be changed.
func settings() []setting {
	return []setting{{
		flag:  flagAddr,
		usage: "listen on this `host:port`; port 0 picks a free one",
		parse: func(c *Config, s string) (err error) { c.Addr, err = parseAddr(s); return err },
		show:  func(c Config) string { return c.Addr },
	}, {
		flag:  flagDataDir,
		usage: "keep sessions and accounts in this `folder`",
		parse: func(c *Config, s string) (err error) { c.DataDir, err = parseDataDir(s); return err },
		show:  func(c Config) string { return c.DataDir },
	}, {
		flag:  flagIdleTimeout,
		usage: "end a session unused for this `duration`, 1s to 720h",
		parse: func(c *Config, s string) (err error) { c.IdleTimeout, err = parseIdleTimeout(s); return err },
		show:  func(c Config) string { return formatDuration(c.IdleTimeout) },
	}, {
		flag:  flagAbsoluteTimeout,
		usage: "end a session this `duration` after its start, used or not; 0 for never",
		parse: func(c *Config, s string) (err error) { c.AbsoluteTimeout, err = parseAbsoluteTimeout(s); return err },
		show:  func(c Config) string { return formatDuration(c.AbsoluteTimeout) },
	}, {
		flag:  flagMaxSessions,
		usage: "refuse new sessions beyond this `number` of live ones",
		parse: func(c *Config, s string) (err error) { c.MaxSessions, err = parseMaxSessions(s); return err },
		show:  func(c Config) string { return strconv.Itoa(c.MaxSessions) },
	}, {
		flag:  flagAllowedHosts,
		usage: "answer to these `hosts`, separated by commas; .example.com for subdomains, * for any",
		parse: func(c *Config, s string) (err error) { c.AllowedHosts, err = hosts.Parse(s); return err },
		show:  func(c Config) string { return c.AllowedHosts.String() },
	}, {
		flag:  flagLanguage,
		usage: "write the pages in this `language`: " + languages(),
		parse: func(c *Config, s string) (err error) { c.Language, err = parseLanguage(s); return err },
		show:  func(c Config) string { return c.Language },
	}, {
		flag:  flagTimeZone,
		usage: "show dates in this time `zone`, by its IANA name, for example Europe/Berlin",
		parse: func(c *Config, s string) (err error) { c.TimeZone, err = parseTimeZone(s); return err },
		show:  func(c Config) string { return c.TimeZone.String() },
	}, {
		flag:  flagDebug,
		usage: "show the routes and a request id on error pages, and debug notices",
		yesNo: true,
		parse: func(c *Config, s string) (err error) { c.Debug, err = parseYesNo(s); return err },
		show:  func(c Config) string { return strconv.FormatBool(c.Debug) },
	}}
}
