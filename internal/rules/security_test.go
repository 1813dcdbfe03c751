package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const security = "docs/SECURITY.md"

// levels are the headings of the tables, and how many requirements ASVS 5.0.0 has there.
var levels = []struct {
	heading string
	n       int
}{{"OWASP ASVS 5.0.0, level 1", 70}, {"OWASP ASVS 5.0.0, level 2 of V6 and V7", 34}}

var requirement = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| [^|]+ \| (yes|n\.a\.|not yet) \| [^|]+ \|$`)

// TestSecurity_CountsItsTable holds that each table of requirements is whole, and that the
// text before it counts its verdicts and lists all that is missing.
func TestSecurity_CountsItsTable(t *testing.T) {
	text := read(t, security)
	lists, _, _ := strings.Cut(text, "\n## "+levels[0].heading+"\n")
	seen := map[string]bool{}
	for _, level := range levels {
		_, table, _ := strings.Cut(text, "\n## "+level.heading+"\n")
		table, _, _ = strings.Cut(table, "\n## ")
		checkLevel(t, lists, table, level.n, seen)
	}
}

// checkLevel checks a table of n requirements. seen has those of earlier tables.
func checkLevel(t *testing.T, lists, table string, n int, seen map[string]bool) {
	t.Helper()
	counts, before := map[string]int{}, len(seen)
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
	if got := len(seen) - before; got != n {
		t.Errorf("%s has a table of %d requirements; want %d", security, got, n)
	}
	says := fmt.Sprintf("%d yes, %d not applicable (n.a.), %d not yet.", counts["yes"], counts["n.a."], counts["not yet"])
	if !strings.Contains(table, says) {
		t.Errorf("%s does not say %q", security, says)
	}
}

// pathway matches what starts an operator's session: welcome, and what welcome calls.
var pathway = regexp.MustCompile(`\.welcome\(|\.Sessions\.Start\(`)

// TestSecurity_NamesEachWayToSignIn holds that each file of the console that signs an
// operator in is in the table of ways.
func TestSecurity_NamesEachWayToSignIn(t *testing.T) {
	_, ways, _ := strings.Cut(read(t, security), "\n## Ways to sign in\n")
	ways, _, _ = strings.Cut(ways, "\n## ")
	n := 0
	for _, file := range files(t, ".go") {
		if !strings.HasPrefix(file, "internal/console/") || strings.HasSuffix(file, "_test.go") || !pathway.MatchString(read(t, file)) {
			continue
		}
		if n++; !strings.Contains(ways, "`"+file+"`") {
			t.Errorf("%s signs an operator in; %s does not name it in “Ways to sign in”", file, security)
		}
	}
	if n < 2 {
		t.Errorf("%d files sign an operator in; want at least the sign-in page and the first run", n)
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
