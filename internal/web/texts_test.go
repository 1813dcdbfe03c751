package web

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"pagesession/internal/text"
	"pagesession/storage/record"
	"pagesession/views"
)

// A use is a place that asks for a text.
type use struct {
	where, key string
	args       int // -1: unknown
}

// Every text that a template or a handler asks for is there, takes as many
// arguments as it is given, and every text that is there is asked for.
func TestTexts_Uses(t *testing.T) {
	english, err := text.Load(text.English)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, u := range append(usesInViews(t), usesInGo(t)...) {
		used[u.key] = true
		if u.args < 0 {
			continue
		}
		args := make([]any, u.args)
		for i := range args {
			args[i] = 1
		}
		if _, err := english.HTML(u.key, args...); err != nil {
			t.Errorf("%s: %v", u.where, err)
		}
	}
	for key := range catalogue(t) {
		if !used[key] && !usedByRule(english, key) {
			t.Errorf("text %q is not used", key)
		}
	}
}

// usedByRule knows the keys that are put together: an error's, an end reason's, and
// a date's, which package text uses itself.
func usedByRule(l *text.Language, key string) bool {
	if code := regexp.MustCompile(`^error\.(\d{3})\.(title|what|do)$`).FindStringSubmatch(key); code != nil {
		n, _ := strconv.Atoi(code[1])
		return problemOf(l, n).Code == n
	}
	if end := regexp.MustCompile(`^ended\.(\w+)\.(title|why)$`).FindStringSubmatch(key); end != nil {
		reasons := []record.Reason{record.Idle, record.Absolute, record.Deleted, record.Revoked, record.Replaced}
		return end[1] == "unknown" || slices.ContainsFunc(reasons, func(r record.Reason) bool { return r.String() == end[1] })
	}
	return key == "date" || strings.HasPrefix(key, "date.")
}

func catalogue(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	file, err := os.ReadFile("../text/locales/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(file, &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}

func usesInViews(t *testing.T) []use {
	t.Helper()
	var uses []use
	files := 0
	err := fs.WalkDir(views.Templates, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := fs.ReadFile(views.Templates, path)
		if err != nil {
			return err
		}
		files++
		tree := parse.New(path)
		tree.Mode = parse.SkipFuncCheck
		if _, err := tree.Parse(string(source), "", "", map[string]*parse.Tree{}); err != nil {
			return err
		}
		walk(tree.Root, func(c *parse.CommandNode) { uses = append(uses, useOf(t, path, c)...) })
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d templates, %v", files, err)
	}
	return uses
}

// useOf reads {{t "key" …}} and {{link "/" "key"}}.
func useOf(t *testing.T, where string, c *parse.CommandNode) []use {
	name, ok := c.Args[0].(*parse.IdentifierNode)
	at := map[string]int{"t": 1, "link": 2}
	if !ok || at[name.Ident] == 0 {
		return nil
	}
	key, ok := c.Args[at[name.Ident]].(*parse.StringNode)
	if !ok {
		t.Errorf("%s: {{%s}} has no key that can be read", where, c)
		return nil
	}
	return []use{{where, key.Text, len(c.Args) - 1 - at[name.Ident]}}
}

// walk calls found for every command, those in brackets too.
func walk(node parse.Node, found func(*parse.CommandNode)) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				walk(child, found)
			}
		}
	case *parse.ActionNode:
		walk(n.Pipe, found)
	case *parse.IfNode:
		walkBranch(&n.BranchNode, found)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, found)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, found)
	case *parse.TemplateNode:
		walk(n.Pipe, found)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				walk(c, found)
			}
		}
	case *parse.CommandNode:
		found(n)
		for _, arg := range n.Args {
			walk(arg, found)
		}
	}
}

func walkBranch(n *parse.BranchNode, found func(*parse.CommandNode)) {
	walk(n.Pipe, found)
	walk(n.List, found)
	walk(n.ElseList, found)
}

// usesInGo reads e.T("key", …) and its like. A key that stands anywhere else
// as a string, as in a return, counts as asked for, and has to be there.
func usesInGo(t *testing.T) []use {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.go", "../text/*.go"} {
		more, err := filepath.Glob(pattern)
		if err != nil || len(more) == 0 {
			t.Fatal(more, err)
		}
		files = append(files, more...)
	}
	all := catalogue(t)
	var uses []use
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				uses = append(uses, callOf(file, n)...)
			case *ast.BasicLit:
				if key, err := strconv.Unquote(n.Value); err == nil && all[key] != nil {
					uses = append(uses, use{file, key, -1})
				}
			}
			return true
		})
	}
	return uses
}

func callOf(file string, call *ast.CallExpr) []use {
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	lit, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return nil
	}
	key, err := strconv.Unquote(lit.Value)
	if err != nil {
		return nil
	}
	switch fn.Sel.Name {
	case "T", "HTML":
		return []use{{file, key, len(call.Args) - 1}}
	case "Forms":
		return []use{{file, key, 1}}
	default:
		return nil
	}
}
