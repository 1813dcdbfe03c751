// Package rules has tests that check the names, the layout and the prose of the project.
package rules

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// words are names that the glossary has replaced. Identifiers, file names, CSS classes
// and text keys must not have them, alone or as a part.
var words = map[string]string{
	"stencil": "prerendered page", "stencils": "prerendered pages", "holes": "slots",
	"edition": "localized pages", "editions": "localized pages", "speech": "language negotiation",
	"obituary": "end reason", "obituaries": "end reasons", "claim": "session cookie", "desk": "scratch context", "desks": "scratch contexts",
	"grave": "tombstone", "graves": "tombstones", "tell": "flash", "told": "flash", "nobody": "public", "ours": "isOwnBucket, sameOrigin, isKnownPermission",
}

// names are replaced only if they are the whole name. As a part they have other meanings.
var names = map[string]string{
	"front": "middleware", "outside": "fallback pages", "notahead": "rejectPrefetch",
	"ownsession": "clock endpoint", "ownsessions": "my sessions",
	"choices": "timeout options, filter options", "waiting": "flash", "over": "expired", "gate": "dispatch, closing lock",
	"work": "update", "visit": "request", "origin": "client info, provenance, cross-origin",
}

// replacement returns the glossary's word for a name in a file, or "".
func replacement(file, name string) string {
	parts := split(name)
	whole := strings.Join(parts, "")
	if names[whole] != "" {
		return names[whole]
	}
	for _, part := range parts {
		if words[part] != "" {
			return words[part]
		}
	}
	return ""
}

// split splits a name into words: camelCase, snake_case, kebab-case, dots.
func split(name string) []string {
	var spaced strings.Builder
	var last rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(unicode.ToLower(r))
		last = r
	}
	return strings.FieldsFunc(spaced.String(), func(r rune) bool { return !unicode.IsLetter(r) })
}

func TestSplit(t *testing.T) {
	for name, want := range map[string][]string{
		"notAhead": {"not", "ahead"}, "HTTPServer": {"httpserver"}, "end.own_session-row2": {"end", "own", "session", "row"},
	} {
		if got := split(name); !slices.Equal(got, want) {
			t.Errorf("split(%q) = %q; want %q", name, got, want)
		}
	}
}

func TestNames_FilesFollowTheGlossary(t *testing.T) {
	for _, file := range files(t) {
		if cure := replacement(file, strings.TrimSuffix(path.Base(file), path.Ext(file))); cure != "" {
			t.Errorf("file %s: the glossary says %s", file, cure)
		}
	}
}

// A name after a dot or before a colon may be another package's, so only definitions
// count.
func TestNames_IdentifiersFollowTheGlossary(t *testing.T) {
	set := token.NewFileSet()
	for _, file := range files(t, ".go") {
		tree, err := parser.ParseFile(set, root+file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		var look func(ast.Node) bool
		look = func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				ast.Inspect(n.X, look)
				return false
			case *ast.KeyValueExpr:
				ast.Inspect(n.Value, look)
				return false
			case *ast.Ident:
				if cure := replacement(file, n.Name); cure != "" && !seen[n.Name] {
					seen[n.Name] = true
					t.Errorf("%s: %s: the glossary says %s", strings.TrimPrefix(set.Position(n.Pos()).String(), root), n.Name, cure)
				}
			}
			return true
		}
		ast.Inspect(tree, look)
	}
}

var class = regexp.MustCompile(`\.(-?[a-zA-Z_][\w-]*)`)

func TestNames_ClassesFollowTheGlossary(t *testing.T) {
	for _, file := range files(t, ".css") {
		for _, found := range class.FindAllStringSubmatch(read(t, file), -1) {
			if cure := replacement(file, found[1]); cure != "" {
				t.Errorf("%s: class %s: the glossary says %s", file, found[1], cure)
			}
		}
	}
}

func TestNames_TextKeysFollowTheGlossary(t *testing.T) {
	for _, file := range files(t, ".json") {
		if !strings.HasPrefix(file, "internal/text/") {
			continue
		}
		var texts map[string]json.RawMessage
		if err := json.Unmarshal([]byte(read(t, file)), &texts); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for key := range texts {
			if cure := replacement(file, key); cure != "" {
				t.Errorf("%s: key %s: the glossary says %s", file, key, cure)
			}
		}
	}
}

// root is the path from here to the project's folder.
const root = "../../"

// files returns the project's files with one of these endings, or all.
func files(t *testing.T, endings ...string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(root), ".", func(file string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(d.Name(), ".") && file != "."
		switch {
		case err != nil:
			return err
		case d.IsDir() && (hidden || d.Name() == "testdata" || d.Name() == "results" || file == "data"):
			return fs.SkipDir
		case !d.IsDir() && !hidden && (len(endings) == 0 || slices.Contains(endings, path.Ext(file))):
			found = append(found, file)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d files, %v", len(found), err)
	}
	return found
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(root + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
