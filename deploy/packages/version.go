package main

import (
	"regexp"
	"strings"
)

// pseudo matches the end of a version that Go makes from a commit between two tags: after the
// tag v1.2.3 it is v1.2.4-0.TIME-COMMIT, after v1.2.4-rc.1 it is v1.2.4-rc.1.0.TIME-COMMIT, and
// without a tag it is v0.0.0-TIME-COMMIT.
var pseudo = regexp.MustCompile(`^(?:(.*)\.)?(\d{14})-([0-9a-f]{12})$`)

// packageVersion turns a version of Go into one that dpkg and rpm put in the same order. Both
// sort ~ before the end, and so before the release; rpm sorts digits after letters, so a commit
// after a release gets ~~, which is before ~rc.1. A build from changed files (+dirty) comes
// after the commit, and one without a version before all others.
func packageVersion(module string) string {
	version, ok := strings.CutPrefix(module, "v")
	if !ok {
		return "0~devel"
	}
	version, meta, dirty := strings.Cut(version, "+")
	release, pre, isPre := strings.Cut(version, "-")
	if isPre {
		release += preVersion(pre)
	}
	if dirty {
		release += "+" + plain(meta)
	}
	return release
}

// preVersion turns what follows the hyphen of a version, such as rc.1.
func preVersion(pre string) string {
	m := pseudo.FindStringSubmatch(pre)
	switch {
	case m == nil:
		return "~" + plain(pre)
	case m[1] == "" || m[1] == "0":
		return "~~" + m[2] + "." + m[3]
	default:
		return "~" + plain(m[1]) + "." + m[2] + "." + m[3]
	}
}

// plain replaces the hyphen, which separates version and release in packages.
func plain(s string) string { return strings.ReplaceAll(s, "-", ".") }
