package rules

import (
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// avoided are words that the project's prose does not use, with what to write instead.
var avoided = []struct {
	words *regexp.Regexp
	cure  string
}{
	{phrase(`he|she|his|him|himself|her|hers|herself`), `write "they", or the person's role`},
	{phrase(`nobody|no one`), `say who or what: "no user", "no request"`},
	{phrase(`whoever|whosoever|who is no`), `write "a person who", "only superusers can"`},
	{phrase(`somebody|anybody|everybody`), `write "someone", "anyone", "all users", or say who`},
	{phrase(`dear`), `write "expensive"`},
	{phrase(`prolong(?:s|ed|ing)?`), `write "extend"`},
	{phrase(`for ever`), `write "forever"`},
	{phrase(`(?:a|every|each) look`), `write "a visit", "each request"`},
	{phrase(`log(?:s|ged|ging)? (?:in|out)|logins?|logouts?`), `write "sign in", "sign out"`},
	{phrase(`admin(?:istration|istrator's)? (?:console|panel|area|interface|site|pages?|ui)|(?:control|operators'|operator) panel|web (?:ui|interface)|back.?office`), `write "console"`},
	{phrase(`(?:start|landing|overview|main) page|console's (?:home|first|index) page`), `write "dashboard", or which page`},
	{phrase(`session (?:hash|number|code|digest|prefix)|short (?:handle|key|id)|digits of (?:a|the|its) (?:session|fingerprint)`), `write "fingerprint" for eight digits, "handle" for all`},
	{phrase(`hence|whence|thence|hither|thereof|thereby|wherein|whereof|lest|shall|upon|nought|thrice`), `write a plain word`},
}

// phrase matches any of these words, also across a line break.
func phrase(words string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:` + strings.ReplaceAll(words, " ", `\s+`) + `)\b`)
}

// remaining lists the files that still have such words, with their number and the reason.
const remaining = "testdata/prose.txt"

var update = flag.Bool("update", false, "lower the counts of "+remaining+" to what the files still have")

// TestProse_Words fails for each file that has more of these words than remaining
// says, or fewer: then run it with -update, which only ever lowers a count.
func TestProse_Words(t *testing.T) {
	allowed, left := readRemaining(t), map[string]allowance{}
	for _, file := range files(t, ".go", ".md", ".html", ".json") {
		hits, a := avoidedIn(prose(t, file)), allowed[file]
		if len(hits) > a.count {
			t.Errorf("%s has %d words to avoid, %s allows %d:\n\t%s", file, len(hits), remaining, a.count, strings.Join(hits, "\n\t"))
		}
		if n := min(len(hits), a.count); n > 0 {
			left[file] = allowance{n, a.why}
		}
	}
	if *update {
		writeRemaining(t, left)
		return
	}
	for file, a := range allowed {
		if left[file] != a {
			t.Errorf("%s lists %d words of %s, which has %d; run this test with -update", remaining, a.count, file, left[file].count)
		}
	}
}

func TestProse_FindsWords(t *testing.T) {
	for text, want := range map[string]int{
		"Nobody knows; he's gone.": 2, "a user who logs\nin": 1, "for ever.": 1, "Who is no superuser": 1, "(whoever)": 1, "the audit log in a file": 0,
		"the theme of others": 0, "/admin/login/": 0, `the page "login"`: 0, "login.go": 0, "login.": 1, "login_test": 0, "nobody-else": 0,
		"the admin area": 1, "the landing page": 1, "eight digits of a\nfingerprint": 1, "the console's first page": 1, "the session code": 1, "/admin/ pages": 0, "a home page": 0,
	} {
		if hits := avoidedIn(text); len(hits) != want {
			t.Errorf("avoidedIn(%q) = %q; want %d", text, hits, want)
		}
	}
}

// avoidedIn returns the words to avoid in a text, each with what to do. Words
// that are part of a name, a path or a quoted identifier do not count.
func avoidedIn(text string) []string {
	var hits []string
	for _, a := range avoided {
		for _, at := range a.words.FindAllStringIndex(text, -1) {
			if !inName(text[:at[0]], text[at[1]:]) {
				hits = append(hits, fmt.Sprintf("%q: %s", text[at[0]:at[1]], a.cure))
			}
		}
	}
	return hits
}

var (
	beforeName = regexp.MustCompile(`(?:[/._=-]|\baudit )$`) // an audit log in a file
	afterName  = regexp.MustCompile(`^(?:[/_=(-]|\.[a-z])`)
)

// inName reports whether the text between before and after is part of a name.
func inName(before, after string) bool {
	quoted := strings.HasSuffix(before, `"`) && strings.HasPrefix(after, `"`)
	return quoted || beforeName.MatchString(before) || afterName.MatchString(after)
}

var code = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")

// prose returns what people read of a file: the comments of Go, a document
// without its code, a template, the texts in English. It is "" for other files.
func prose(t *testing.T, file string) string {
	t.Helper()
	switch {
	case path.Ext(file) == ".go":
		return comments(t, file)
	case path.Ext(file) == ".md":
		return code.ReplaceAllString(read(t, file), " ")
	case strings.HasPrefix(file, "views/") || file == "internal/text/locales/en.json":
		return read(t, file)
	}
	return ""
}

func comments(t *testing.T, file string) string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), root+file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, group := range tree.Comments {
		all.WriteString(group.Text() + "\n")
	}
	return all.String()
}

// An allowance is a line of remaining.
type allowance struct {
	count int
	why   string
}

func readRemaining(t *testing.T) map[string]allowance {
	t.Helper()
	all := map[string]allowance{}
	list, err := os.ReadFile(remaining)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		var file string
		var a allowance
		if _, err := fmt.Sscan(line, &a.count, &file, &a.why); err != nil || all[file].count != 0 {
			t.Fatalf("%s: %q: want a count, a file and the reason, once a file; %v", remaining, line, err)
		}
		_, why, _ := strings.Cut(line, file)
		a.why = strings.TrimSpace(why)
		all[file] = a
	}
	return all
}

func writeRemaining(t *testing.T, all map[string]allowance) {
	t.Helper()
	var lines []string
	for file, a := range all {
		lines = append(lines, fmt.Sprintf("%d %s %s\n", a.count, file, a.why))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(strings.Fields(a)[1], strings.Fields(b)[1]) })
	if err := os.WriteFile(remaining, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Error(err)
	}
}
