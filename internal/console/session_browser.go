package console

import (
	"cmp"
	"strings"

	"github.com/mileusna/useragent"
)

// Limits of what a list writes of a browser. A client can send any agent.
const (
	maxBrowser = 40 // characters of a name
	maxVersion = 4  // digits
)

// browserOf says in a few words which browser sent an agent: "Firefox 153 on Linux". Of one
// that is not known it returns the beginning; of none "". It takes 8 µs, so a page of
// rows needs no cache (ADR 0062).
func browserOf(agent string) string {
	known := useragent.Parse(agent)
	says := shortened(cmp.Or(known.Name, agent))
	if version := major(known.Version); version != "" && known.Name != "" {
		says += " " + version
	}
	if known.OS != "" {
		says += " on " + shortened(known.OS)
	}
	return says
}

// major is the first number of a version; "" if that is none.
func major(version string) string {
	number, _, _ := strings.Cut(version, ".")
	if len(number) > maxVersion || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return number
}

// shortened is a text with at most maxBrowser characters, in one line.
func shortened(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if letters := []rune(s); len(letters) > maxBrowser {
		return strings.TrimSpace(string(letters[:maxBrowser])) + "…"
	}
	return s
}
