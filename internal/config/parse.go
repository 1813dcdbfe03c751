package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/hosts"
)

// Every error below completes the sentence `--flag="value" …` and says what
// to write instead.

func parseAddr(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", errors.New("is not host:port; use for example 127.0.0.1:8000")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", errors.New("has no port from 0 to 65535; use for example 127.0.0.1:8000")
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && !hosts.IsName(host) {
		return "", errors.New("has a bad host; use an IP address, a host name, or nothing for all interfaces, as in :8000")
	}
	return s, nil
}

func parseDataDir(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("is empty; use a folder, for example ./data")
	}
	if strings.ContainsRune(s, 0) {
		return "", errors.New("has a NUL byte; use a folder, for example ./data")
	}
	return s, nil
}

func parseIdleTimeout(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, errors.New("is not a duration; use for example 20s")
	}
	if d < minIdleTimeout || d > maxIdleTimeout {
		return 0, fmt.Errorf("is out of range; use %s to %s, for example 20s",
			formatDuration(minIdleTimeout), formatDuration(maxIdleTimeout))
	}
	return d, nil
}

func parseAbsoluteTimeout(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, errors.New("is not a duration; use for example 12h, or 0 for none")
	}
	if d != 0 && (d < minIdleTimeout || d > maxAbsoluteTimeout) {
		return 0, fmt.Errorf("is out of range; use %s to %s, or 0 for none",
			formatDuration(minIdleTimeout), formatDuration(maxAbsoluteTimeout))
	}
	return d, nil
}

func parseMaxSessions(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxMaxSessions {
		return 0, fmt.Errorf("is not a number from 1 to %d; use for example 1000000", maxMaxSessions)
	}
	return n, nil
}

func parseYesNo(s string) (bool, error) {
	yes, err := strconv.ParseBool(s)
	if err != nil {
		return false, errors.New("is neither true nor false; use one of them")
	}
	return yes, nil
}

// timeoutsFit is the rule between two settings: an idle timeout that can never
// be reached is a mistake, not a preference.
func timeoutsFit(c Config) bool {
	return c.AbsoluteTimeout == 0 || c.IdleTimeout <= c.AbsoluteTimeout
}

// formatDuration writes d as people type it: 12h, where String says 12h0m0s.
func formatDuration(d time.Duration) string {
	s := d.String()
	if d == 0 {
		return "0"
	}
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
