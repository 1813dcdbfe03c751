// Package config turns command-line flags and the environment into one
// checked Config.
//
// A flag wins over its environment variable, which wins over the default.
// Values are parsed here and not by the flag library, so that a bad one is
// reported the same way wherever it came from: with the name the operator
// typed, the value, and what to write instead.
package config

import (
	"time"

	"pagesession/internal/hosts"
	"pagesession/internal/text"
)

// Config is everything an operator can set. Load returns only valid ones;
// a Config built by hand is not checked again.
type Config struct {
	// Addr is the host:port to listen on. Port 0 picks a free one.
	Addr string
	// DataDir is the folder of the session file; it is created when missing.
	DataDir string
	// IdleTimeout ends a session that nobody has used for that long.
	IdleTimeout time.Duration
	// AbsoluteTimeout ends a session that long after its start, used or not.
	// 0 means never.
	AbsoluteTimeout time.Duration
	// MaxSessions bounds the live sessions. At the bound a new one is
	// refused; no live one is thrown out.
	MaxSessions int
	// AllowedHosts are the hosts that the server answers to.
	AllowedHosts hosts.List
	// Language is what the pages are written in: one of text.Tags, or "auto"
	// for what each visitor's browser asks for.
	Language string
	// TimeZone is what dates on the pages are shown in.
	TimeZone *time.Location
	// Debug has error pages list the routes and name the request, and shows
	// notices of level debug. It shows no data, and changes nothing else.
	Debug bool
}

// Default is what a server without flags and environment runs with.
func Default() Config {
	return Config{
		Addr:            "127.0.0.1:8000",
		DataDir:         "./data",
		IdleTimeout:     20 * time.Second,
		AbsoluteTimeout: 12 * time.Hour,
		MaxSessions:     1_000_000,
		AllowedHosts:    hosts.Local(),
		Language:        text.English,
		TimeZone:        time.UTC,
	}
}

// Bounds of what may be set, with the reason for each.
const (
	// minIdleTimeout is the smallest step of a cookie's Max-Age.
	minIdleTimeout = time.Second
	// maxIdleTimeout keeps a forgotten session from living on for months.
	maxIdleTimeout = 30 * day
	// maxAbsoluteTimeout is the longest that browsers keep a cookie.
	maxAbsoluteTimeout = 400 * day
	// maxMaxSessions is about 20 GB of index at 400 bytes a session; more is
	// a typing mistake.
	maxMaxSessions = 50_000_000

	day = 24 * time.Hour
)
