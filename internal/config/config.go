// Package config finds what an operator has set and checks it.
//
// A flag wins over the environment, which wins over the settings file, which
// wins over the default. A setting is one row of the table in this file, from which
// flags, variables, help, samples and docs/SETTINGS.md come. Load reports all mistakes
// at once, each with its place and what is allowed there.
package config

import (
	"time"

	"pagesession/internal/hosts"
	"pagesession/internal/text"
	"pagesession/session"
)

// Config is everything an operator can set. Load returns only valid ones;
// a Config built by hand is not checked again.
type Config struct {
	// Addr is the host:port to listen on. Port 0 picks a free one.
	Addr string
	// DataDir is the folder of the session file; it is created when missing.
	DataDir string
	// IdleTimeout ends a session that is unused for that long.
	IdleTimeout time.Duration
	// AbsoluteTimeout ends a session that long after its start, used or not.
	// 0 means never.
	AbsoluteTimeout time.Duration
	// MaxSessions bounds the live sessions. At the bound a new one is
	// refused, and the live ones stay.
	MaxSessions int
	// AllowedHosts are the hosts that the server answers to.
	AllowedHosts hosts.List
	// Language is what the pages are written in: one of text.Tags, or
	// text.Auto for what each visitor's browser asks for.
	Language string
	// TimeZone is what dates on the pages are shown in.
	TimeZone *time.Location
	// Debug has error pages list the routes and name the request, and shows
	// notices of level debug. It shows no data, and changes nothing else.
	Debug bool
}

// settings lists every setting, in the order in which people read of them. A
// new setting is a field of Config, a row here, and the code that uses it;
// then run the tests of this package with -update.
func settings() []setting {
	def := session.DefaultConfig()
	// A cookie's Max-Age counts seconds; a forgotten session ends within a month.
	idle := duration(time.Second, 30*day, def.IdleTimeout, "")
	// Browsers keep a cookie for 400 days at most.
	absolute := duration(time.Second, 400*day, def.AbsoluteTimeout, "none")
	const many = 1_000_000
	// At 400 bytes each, the most are 20 GB of index: more is a typing mistake.
	sessions := number(1, 50*many, many)
	hostList := kind[hosts.List]{"host names and IP addresses without a port, .domain, *", hosts.Parse, hosts.List.String}
	return []setting{{
		name:  "addr",
		help:  "listen on this `host:port`; port 0 picks a free one",
		value: of(func(c *Config) *string { return &c.Addr }, kind[string]{"host:port", parseAddr, itself}, "127.0.0.1:8000"),
	}, {
		name:  "data-dir",
		help:  "keep sessions and accounts in this `folder`",
		note:  "created with mode 0700 when missing",
		value: of(func(c *Config) *string { return &c.DataDir }, kind[string]{"a folder", parseFolder, itself}, "./data"),
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
		name:  "max-sessions",
		help:  "refuse new sessions beyond this `number` of live ones",
		note:  "a million take 0.5 GB of memory, and 1 GB when each is visited",
		value: of(func(c *Config) *int { return &c.MaxSessions }, sessions, many),
	}, {
		name:  "allowed-hosts",
		help:  "answer to these `hosts`, separated by commas; .example.com for subdomains, * for any",
		value: of(func(c *Config) *hosts.List { return &c.AllowedHosts }, hostList, hosts.Local()),
	}, {
		name:  "language",
		help:  "write the pages in this `language`: " + languages(),
		note:  "with auto each visitor's browser chooses",
		value: of(func(c *Config) *string { return &c.Language }, kind[string]{languages(), parseLanguage, itself}, text.English),
	}, {
		name:  "time-zone",
		help:  "show dates in this time `zone`, by its IANA name, for example Europe/Berlin",
		note:  "the program knows all zones by itself",
		value: of(func(c *Config) **time.Location { return &c.TimeZone }, kind[*time.Location]{"an IANA name", parseTimeZone, (*time.Location).String}, time.UTC),
	}, {
		name:  "debug",
		help:  "show the routes and a request id on error pages, and debug notices",
		note:  "never data or the environment",
		value: of(func(c *Config) *bool { return &c.Debug }, yesNo(), false),
	}, {
		name:    "superuser-username",
		help:    "the operator's name, for --noinput",
		command: CreateSuperuser,
	}, {
		name:    "superuser-email",
		help:    "the operator's e-mail address, for --noinput",
		command: CreateSuperuser,
	}, {
		name:    "superuser-password",
		help:    "the operator's password, for --noinput",
		command: CreateSuperuser,
		secret:  true,
	}}
}

// CreateSuperuser is the command with variables of its own, below.
const CreateSuperuser = "createsuperuser"

// The variables of createsuperuser. A server does not read them.
const (
	EnvSuperuserUsername = envPrefix + "SUPERUSER_USERNAME"
	EnvSuperuserEmail    = envPrefix + "SUPERUSER_EMAIL"
	EnvSuperuserPassword = envPrefix + "SUPERUSER_PASSWORD"
)
