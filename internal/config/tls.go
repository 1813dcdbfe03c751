package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"pagesession/internal/disk"
	"pagesession/internal/listen"
)

// The settings of TLS that depend on each other.
const (
	tlsCert = "tls-cert"
	tlsKey  = "tls-key"
)

func parsePath(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", errors.New("has a NUL byte; name a file")
	}
	return s, nil
}

// setting returns the assignment of a setting whose value is right, and whether it is set
// to more than its default.
func (l *Loaded) setting(name string) (assignment, bool) {
	a, right := l.found[setting{name: name}.variable()]
	return a, right && a.isSet() && a.from.Kind != FromDefault
}

// tlsMistakes returns the mistakes of settings that do not fit together.
func (l *Loaded) tlsMistakes() (mistakes []error) {
	add := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	cert, hasCert := l.setting(tlsCert)
	key, hasKey := l.setting(tlsKey)
	switch {
	case hasCert && !hasKey:
		add("%s needs the certificate's key; name its file with --%s", cert, tlsKey)
	case hasKey && !hasCert:
		add("%s needs the key's certificate; name its file with --%s", key, tlsCert)
	}
	if addr, _ := l.setting("addr"); hasCert && l.onSocket() {
		add("%s has no TLS, so %s has no effect; leave out the certificate, or choose a host:port", addr, cert)
	}
	return mistakes
}

// onSocket reports whether the server listens on a Unix socket.
func (l *Loaded) onSocket() bool {
	addr, err := listen.Parse(l.Addr)
	return err == nil && addr.IsUnix()
}

// warnOfKey warns if other users can read the key.
func (l *Loaded) warnOfKey(src *sources) {
	key, ok := l.setting(tlsKey)
	if !ok {
		return
	}
	if info, err := os.Stat(key.text); err == nil && disk.OthersCanRead(info) {
		src.warn("%s names a file that other users can read; chmod 600 the file", key)
	}
}
