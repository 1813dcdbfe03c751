package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
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
		for _, name := range namesIn(t, file, read(t, file)) {
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
	got := namesIn(t, "x", `{{with .A.B}}{{if not (.C.D)}}{{f .E}}{{else}}{{$.F}}{{end}}{{end}}{{range $x := .G}}{{$x.H}}{{template "y" (f .I).J}}{{end}}`)
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

// namesIn returns what a template asks of its data.
func namesIn(t *testing.T, file, source string) (names []string) {
	t.Helper()
	tree, all := parse.New(file), map[string]*parse.Tree{}
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(source, "", "", all); err != nil {
		t.Fatal(err)
	}
	for _, part := range all {
		walk(part.Root, func(n parse.Node) {
			switch n := n.(type) {
			case *parse.FieldNode:
				names = append(names, n.Ident...)
			case *parse.ChainNode:
				names = append(names, n.Field...)
			case *parse.VariableNode:
				names = append(names, n.Ident[1:]...)
			}
		})
	}
	return names
}

// walk calls do for a node and all below it.
func walk(n parse.Node, do func(parse.Node)) {
	do(n)
	switch n := n.(type) {
	case *parse.ListNode:
		for _, one := range n.Nodes {
			walk(one, do)
		}
	case *parse.ActionNode:
		walk(n.Pipe, do)
	case *parse.PipeNode:
		for _, one := range n.Cmds {
			walk(one, do)
		}
	case *parse.CommandNode:
		for _, one := range n.Args {
			walk(one, do)
		}
	case *parse.ChainNode:
		walk(n.Node, do)
	case *parse.IfNode:
		walkBranch(&n.BranchNode, do)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, do)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, do)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			walk(n.Pipe, do)
		}
	}
}

func walkBranch(n *parse.BranchNode, do func(parse.Node)) {
	walk(n.Pipe, do)
	walk(n.List, do)
	if n.ElseList != nil {
		walk(n.ElseList, do)
	}
}
