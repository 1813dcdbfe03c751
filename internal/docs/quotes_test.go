package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// quoted are the texts in quotes of docs/TROUBLESHOOTING.md.
var quoted = regexp.MustCompile(`“([^”]*)”`)

// joins match the ends of two strings that Go puts together, with what stands for a line's end.
var joins = regexp.MustCompile("[\"`] \\+\\s*(?:[a-zA-Z]+ \\+ )?[\"`]")

// Each text that the page quotes is in the code, so a reader finds what they see. Values that
// differ are "…" on the page.
func TestQuotes_AreInTheCode(t *testing.T) {
	code := spoken(t)
	n := 0
	for i, line := range strings.Split(readPage(t, "docs/TROUBLESHOOTING.md"), "\n") {
		for _, found := range quoted.FindAllStringSubmatch(line, -1) {
			for _, part := range strings.Split(found[1], "…") {
				if part = strings.Trim(part, " ;,():"); len(part) < 5 {
					continue
				}
				if n++; !strings.Contains(code, part) {
					t.Errorf("docs/TROUBLESHOOTING.md:%d: no code says %q", i+1, part)
				}
			}
		}
	}
	if n < 80 {
		t.Errorf("the page quotes %d texts; want all found", n)
	}
}

// spoken returns the text of all files that have words for people, without tests.
func spoken(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range []string{"internal", "storage", "session", "views"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.ContainsAny(filepath.Ext(path), "gjh") {
				return err
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return strings.ReplaceAll(joins.ReplaceAllString(all.String(), ""), `\"`, `"`)
}

func TestQuotes_FindsJoinedText(t *testing.T) {
	for code, want := range map[string]string{
		"say(\"one two; \" +\n\t\t\"three\")": "one two; three",
		"\"a \" + x + \"b\"":                  "a b",
	} {
		if got := joins.ReplaceAllString(code, ""); !strings.Contains(got, want) {
			t.Errorf("%q becomes %q; want %q in it", code, got, want)
		}
	}
}
