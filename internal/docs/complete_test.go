package docs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each page of docs/ is in README.md, where readers begin.
func TestPages_AreInTheReadme(t *testing.T) {
	readme := readPage(t, "README.md")
	for _, page := range pageNames(t) {
		if page != "README.md" && !strings.Contains(readme, "("+page) {
			t.Errorf("README.md does not lead to %s", page)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	anchor  = regexp.MustCompile(`<a id="([^"]+)">`)
)

// Each link between the pages leads to a file, and to a heading of it.
func TestPages_LinksLeadSomewhere(t *testing.T) {
	n := 0
	for _, page := range append(pageNames(t), "CHANGELOG.md", "bench/README.md", "docs/adr/README.md") {
		_, prose := split(readPage(t, page))
		for i, line := range prose {
			for _, found := range link.FindAllStringSubmatch(line, -1) {
				if strings.Contains(found[1], ":") || !strings.Contains(span.ReplaceAllString(line, ""), "](") {
					continue
				}
				n++
				if wrong := follows(t, page, found[1]); wrong != "" {
					t.Errorf("%s:%d: %s", page, i+1, wrong)
				}
			}
		}
	}
	if n < 200 {
		t.Errorf("found %d links; want all", n)
	}
}

// follows returns what is wrong with a link of a page, or "".
func follows(t *testing.T, page, to string) string {
	t.Helper()
	file, part, _ := strings.Cut(to, "#")
	if file == "" {
		file = path.Base(page)
	}
	file = path.Join(path.Dir(page), file)
	if _, err := os.Stat(filepath.Join(root, file)); err != nil {
		return to + " is missing"
	}
	if part == "" || !strings.HasSuffix(file, ".md") {
		return ""
	}
	text := readPage(t, file)
	for _, found := range anchor.FindAllStringSubmatch(text, -1) {
		if found[1] == part {
			return ""
		}
	}
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		name := strings.ReplaceAll(found[1], "`", "")
		if strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(name), ""), " ", "-") == part {
			return ""
		}
	}
	return file + " has no heading for #" + part
}

// numbered matches a row of SETTINGS.md whose setting is a number or a duration.
var numbered = regexp.MustCompile("(?m)^\\| `(--[a-z-]+)` \\| [^|]*\\| [^|]*\\| [0-9][^|]*\\|")

// BOUNDS.md names each setting that is a number or a duration: all of them bound something.
func TestBounds_NamesEachSetting(t *testing.T) {
	bounds := readPage(t, "docs/BOUNDS.md")
	found := numbered.FindAllStringSubmatch(readPage(t, "docs/SETTINGS.md"), -1)
	if len(found) < 10 {
		t.Fatalf("docs/SETTINGS.md has %d numbers; want all", len(found))
	}
	for _, row := range found {
		if !strings.Contains(bounds, "`"+row[1]+"`") && !strings.Contains(bounds, "`"+row[1]+" ") {
			t.Errorf("docs/BOUNDS.md does not have %s", row[1])
		}
	}
}

// The example of docs/SESSIONS.md is that of package storage, which compiles.
func TestSessions_StorageExample(t *testing.T) {
	blocks, _ := split(readPage(t, "docs/SESSIONS.md"))
	example := strings.ReplaceAll(readPage(t, "storage/example_test.go"), `filepath.Join(os.TempDir(), "example-sessions.db")`, `"sessions.db"`)
	for _, b := range blocks {
		if b.label == "storage-example" {
			if code := "\t" + strings.Join(b.lines, "\n\t") + "\n"; !strings.Contains(example, code) {
				t.Errorf("storage/example_test.go does not have:\n%s", code)
			}
			return
		}
	}
	t.Error("docs/SESSIONS.md has no example of the storage")
}
