package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Templates use fields, and functions that they get, but no methods: the programs that people
// download have none for them (docs/adr/0070-smaller-programs.md). A name that a field and a method
// share is found by the tests with the race detector, which run in the same way.
func TestTemplates_CallNoMethods(t *testing.T) {
	fields := map[string]bool{}
	for _, file := range files(t, ".go") {
		for _, name := range fieldNames(t, file) {
			fields[name] = true
		}
	}
	n := 0
	for _, file := range files(t, ".html") {
		for _, name := range namesIn(read(t, file)) {
			n++
			if !fields[name] {
				t.Errorf("%s uses .%s, which is no field; write a function of the templates for it", file, name)
			}
		}
	}
	if n < 500 {
		t.Errorf("%d names of fields in all templates; want more", n)
	}
}

// A template of cobra's would call methods of its command; without one cobra writes itself.
func TestTemplates_NoneForCommands(t *testing.T) {
	for _, file := range files(t, ".go") {
		if found := commandTemplate.FindString(read(t, file)); found != "" && strings.HasPrefix(file, "internal/cli/") {
			t.Errorf("%s has %s", file, found)
		}
	}
}

var commandTemplate = regexp.MustCompile(`\.Set(Version|Usage|Help)Template\(`)

func TestTemplates_FindsNames(t *testing.T) {
	got := namesIn(`{{with .A.B}}{{if not (.C.D)}}{{f .E}}{{else}}{{$.F}}{{end}}{{end}}{{range $x := .G}}{{$x.H}}{{template "y" (f .I "a\".No").J}}{{/* .Nor */}}{{end}} .Nothing`)
	slices.Sort(got)
	if want := "A B C D E F G H I J"; strings.Join(got, " ") != want {
		t.Errorf("namesIn = %q; want %s", got, want)
	}
}

// fieldNames returns the names of the fields in a file's structs, also of those without a name.
func fieldNames(t *testing.T, file string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, read(t, file), 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.StructType); ok {
			for _, field := range s.Fields.List {
				for _, name := range field.Names {
					names = append(names, name.Name)
				}
			}
		}
		return true
	})
	return names
}

// Parts of a template: an action, what it quotes or comments, and a name that it asks of its data.
var (
	action     = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	quoted     = regexp.MustCompile("(?s)\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|/\\*.*?\\*/")
	nameOfData = regexp.MustCompile(`\.([A-Z]\w*)`)
)

// namesIn returns what a template asks of its data.
func namesIn(source string) (names []string) {
	for _, one := range action.FindAllString(source, -1) {
		for _, name := range nameOfData.FindAllStringSubmatch(quoted.ReplaceAllString(one, `""`), -1) {
			names = append(names, name[1])
		}
	}
	return names
}
