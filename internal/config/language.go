package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // for machines that lack the time zones

	"pagesession/internal/text"
)

func parseLanguage(s string) (string, error) {
	if s != text.Auto && !slices.Contains(text.Tags(), s) {
		return "", fmt.Errorf("is not a language of the pages; use %s", languages())
	}
	return s, nil
}

// languages lists the allowed values: "en, de or auto".
func languages() string {
	return strings.Join(text.Tags(), ", ") + " or " + text.Auto
}

// parseTimeZone reads an IANA name. It refuses "Local", which readers of a date cannot
// resolve.
func parseTimeZone(s string) (*time.Location, error) {
	if s == "Local" {
		return nil, errors.New("is a different zone on each machine; use an IANA name, for example UTC or Europe/Berlin")
	}
	zone, err := time.LoadLocation(s)
	if err != nil || !isZoneName(s) {
		return nil, errors.New("is not a known time zone; use an IANA name, for example UTC or Europe/Berlin")
	}
	return zone, nil
}

// isZoneName reports whether each part of a name begins with a capital, as all names of
// IANA do. The folder of a machine's time zones has more files: right/Europe/Berlin counts
// leap seconds, which the system's clock leaves out, and localtime is the machine's own.
func isZoneName(s string) bool {
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || part[0] < 'A' || part[0] > 'Z' {
			return false
		}
	}
	return !strings.HasPrefix(s, "SystemV/") && s != "Factory"
}
