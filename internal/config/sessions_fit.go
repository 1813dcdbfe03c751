package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The settings of sessions in Redis, and those that count only for sessions in the file.
const (
	sessions         = "sessions"
	sessionsPassword = "sessions-password"
	sentinelPassword = "sentinel-password"
	sessionsCA       = "sessions-ca"
	sessionsCert     = "sessions-cert"
	sessionsKey      = "sessions-key"
	redisWait        = "redis-wait"
	serverName       = "server-name"
	maxSessions      = "max-sessions"
	clientSessions   = "client-sessions"
)

// SessionFlags returns the names of the settings that say where visitors' sessions are, for
// Bind.
func SessionFlags() []string {
	return []string{sessions, sessionsCA, sessionsCert, sessionsKey, redisWait}
}

// SecretKey is the setting that names the file of the signing key, for Bind.
const SecretKey = "secret-key"

// maxServerName is what lists of servers have room for, in characters.
const maxServerName = 40

func parseServerName(s string) (string, error) {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if utf8.RuneCountInString(s) > maxServerName || strings.ContainsFunc(s, odd) || s != strings.TrimSpace(s) {
		return "", fmt.Errorf("is not a server's name; use up to %d printable characters, for example web1", maxServerName)
	}
	return s, nil
}

// many is the default of --max-sessions.
const many = 1_000_000

// FileLimits returns the limits that are set and count only for sessions in the file, as
// flags.
func (c Config) FileLimits() (flags []string) {
	if c.MaxSessions != many {
		flags = append(flags, "--"+maxSessions)
	}
	if c.ClientSessions != 0 {
		flags = append(flags, "--"+clientSessions)
	}
	return flags
}

func parsePassword(s string) (string, error) {
	if strings.ContainsAny(s, "\x00\r\n") {
		return "", errors.New("has a line break or a NUL byte; write the password only")
	}
	return s, nil
}

// sessionsMistakes returns the mistakes of the settings of sessions that do not fit together.
func (l *Loaded) sessionsMistakes() []error {
	server, ok := l.setting(sessions)
	switch {
	case l.isWrong(sessions):
		return nil
	case !ok:
		return l.unwanted("has no effect without --"+sessions+"; leave it out", sessionsPassword, sentinelPassword, sessionsCA, sessionsCert, sessionsKey, redisWait, serverName)
	}
	mistakes := l.unwanted("has no effect with --"+sessions+", where Redis's maxmemory bounds the sessions; leave it out", maxSessions)
	mistakes = append(mistakes, l.unwanted("has no effect with --"+sessions+", where no server counts a network's live sessions; leave it out", clientSessions)...)
	if password, ok := l.setting(sessionsPassword); ok && l.Sessions.Password != "" {
		mistakes = append(mistakes, fmt.Errorf("%s and a password in the URL of %s are both set; keep one of them", password, server))
	}
	if l.Sessions.MasterSet == "" {
		mistakes = append(mistakes, l.unwanted("is for sentinels, and --"+sessions+" names none; leave it out, or use redis+sentinel://", sentinelPassword)...)
	}
	return append(mistakes, l.sessionsTLSMistakes()...)
}

func (l *Loaded) sessionsTLSMistakes() []error {
	if !l.Sessions.TLS {
		return l.unwanted("needs TLS; write rediss instead of redis in --"+sessions, sessionsCA, sessionsCert, sessionsKey)
	}
	cert, hasCert := l.setting(sessionsCert)
	key, hasKey := l.setting(sessionsKey)
	switch {
	case hasCert && !hasKey:
		return []error{fmt.Errorf("%s needs the certificate's key; name its file with --%s", cert, sessionsKey)}
	case hasKey && !hasCert:
		return []error{fmt.Errorf("%s needs the key's certificate; name its file with --%s", key, sessionsCert)}
	}
	return nil
}

// unwanted returns a mistake for each of the settings that has another value than its
// default. why is the second half of the sentence.
func (l *Loaded) unwanted(why string, names ...string) (mistakes []error) {
	for _, s := range settings() {
		if !slices.Contains(names, s.name) {
			continue
		}
		if a, ok := l.setting(s.name); ok && a.text != s.def {
			mistakes = append(mistakes, fmt.Errorf("%s %s", a, why))
		}
	}
	return mistakes
}

// useSessionsPasswords puts the passwords that have their own variables into Sessions.
func (l *Loaded) useSessionsPasswords() {
	if l.SessionsPassword != "" {
		l.Sessions.Password = l.SessionsPassword
	}
	l.Sessions.SentinelPassword = l.SentinelPassword
}
