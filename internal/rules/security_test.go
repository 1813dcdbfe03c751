package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	security     = "docs/SECURITY.md"
	requirements = 70 // of ASVS 5.0.0, level 1
)

var requirement = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| [^|]+ \| (yes|n\.a\.|not yet) \| [^|]+ \|$`)

// TestSecurity_CountsItsTable holds that the table of requirements is whole, and that the
// text before it counts its verdicts and lists all that is missing.
func TestSecurity_CountsItsTable(t *testing.T) {
	text := read(t, security)
	lists, table, _ := strings.Cut(text, "\n## OWASP ASVS 5.0.0, level 1\n")
	counts, seen := map[string]int{}, map[string]bool{}
	for _, row := range requirement.FindAllStringSubmatch(table, -1) {
		number, verdict := row[1], row[2]
		counts[verdict]++
		if seen[number] {
			t.Errorf("%s has %s twice", security, number)
		}
		seen[number] = true
		if listed := strings.Contains(lists, "\n| "+number+" |"); listed != (verdict == "not yet") {
			t.Errorf("%s: %s is %q; in the list of what is missing: %v", security, number, verdict, listed)
		}
	}
	if len(seen) != requirements {
		t.Errorf("%s has %d requirements; want %d", security, len(seen), requirements)
	}
	says := fmt.Sprintf("%d yes, %d not applicable (n.a.), %d not yet.", counts["yes"], counts["n.a."], counts["not yet"])
	if !strings.Contains(table, says) {
		t.Errorf("%s does not say %q", security, says)
	}
}

// anchor matches a link to a heading of the same document.
var anchor = regexp.MustCompile(`\]\(#([^)]+)\)`)

func TestSecurity_LinksToItsHeadings(t *testing.T) {
	var headings []string
	text := read(t, security)
	for line := range strings.Lines(text) {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			headings = append(headings, slug(title))
		}
	}
	for _, link := range anchor.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(headings, link[1]) {
			t.Errorf("%s links to #%s, which is no heading: %q", security, link[1], headings)
		}
	}
}

var punctuation = regexp.MustCompile(`[^a-z0-9 -]`)

// slug returns a heading as GitHub links to it.
func slug(title string) string {
	return strings.ReplaceAll(punctuation.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")
}
