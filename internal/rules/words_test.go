package rules

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cell matches a value that a page of the console shows, with its label.
var cell = regexp.MustCompile(`(?:data-label="([^"]*)"[^>]*>|<dt>([^<]*)</dt><dd[^>]*>)(.*?)</(?:td|th|dd)>`)

var tag = regexp.MustCompile(`<[^>]*>`)

// labelled has the words for what tells sessions apart: the eight digits that people read,
// and all digits, which addresses and commands take. A session is neither.
var labelled = map[string]string{"{{fingerprint .Handle}}": "Fingerprint", "{{.Handle}}": "Handle"}

func TestWords_HandleAndFingerprintOnPages(t *testing.T) {
	n := 0
	for _, file := range files(t, ".html") {
		if !strings.HasPrefix(file, "views/console/") {
			continue
		}
		for _, found := range cell.FindAllStringSubmatch(read(t, file), -1) {
			label, value := found[1]+found[2], tag.ReplaceAllString(found[3], "")
			if strings.Contains(value, ".Handle}}") {
				n++
			}
			if want := labelled[value]; want != label && (want != "" || label == "Handle" || label == "Fingerprint") {
				t.Errorf("%s: %s is labelled %q; want %q", file, value, label, want)
			}
		}
	}
	if n < 3 {
		t.Errorf("%d labelled handles and fingerprints; want all", n)
	}
}

// column matches the title of a column, or of a line of a table, that calls one of them a session.
var column = regexp.MustCompile(`(?:title: |\{\{?)"(?i:session)"[,}]`)

func TestWords_HandleAndFingerprintInTables(t *testing.T) {
	for _, file := range files(t, ".go") {
		if strings.HasPrefix(file, "internal/cli/") || strings.HasPrefix(file, "internal/console/") {
			if found := column.FindString(read(t, file)); found != "" && !strings.HasSuffix(file, "_test.go") {
				t.Errorf(`%s has %s; write "fingerprint" for eight digits, "handle" for all`, file, found)
			}
		}
	}
}

// replaced are words that the console and the documents had: what they write now.
var replaced = map[string]string{
	"Data…":                "Export or erase data…",
	"Clear expired":        "Remove expired sessions",
	"Object type":          "About",
	"Commits and flushes":  "Time to save",
	`"Goroutines"`:         "Tasks",
	"Changes in the queue": "Changes that wait",
	"wo-factor":            "second factor",
}

func TestWords_Replaced(t *testing.T) {
	n := 0
	for _, file := range files(t, ".html", ".go", ".md", ".js") {
		if !slices.ContainsFunc([]string{"views/", "internal/console/", "internal/monitor/", "docs/"}, func(at string) bool { return strings.HasPrefix(file, at) }) {
			continue
		}
		n++
		for word, now := range replaced {
			if strings.Contains(read(t, file), word) {
				t.Errorf("%s has %s; write %q", file, word, now)
			}
		}
	}
	if n < 200 {
		t.Errorf("%d files; want all pages, documents and files of the console", n)
	}
}
