package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a machine need not have the time zones

	"pagesession/internal/text"
)

func parseLanguage(s string) (string, error) {
	if s != text.Auto && !slices.Contains(text.Tags(), s) {
		return "", fmt.Errorf("is no language of the pages; use %s", languages())
	}
	return s, nil
}

// languages lists what may be set: "en, de or auto".
func languages() string {
	return strings.Join(text.Tags(), ", ") + " or " + text.Auto
}

// parseTimeZone reads an IANA name. "Local" is refused: readers cannot know it.
func parseTimeZone(s string) (*time.Location, error) {
	if s == "Local" {
		return nil, errors.New("is no zone that all can know; use an IANA name, for example UTC or Europe/Berlin")
	}
	zone, err := time.LoadLocation(s)
	if err != nil || s == "" {
		return nil, errors.New("is no known time zone; use an IANA name, for example UTC or Europe/Berlin")
	}
	return zone, nil
}
