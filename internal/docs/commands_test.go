package docs

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pagesession/bench/scenario"
	"pagesession/internal/cli"
)

var (
	span      = regexp.MustCompile("`([^`\n]+)`")
	available = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*) `)
	flagName  = regexp.MustCompile(`(?m)^ +(?:-(\w), |    )--([a-z][a-z-]*)`)
)

// A help is what a command says of itself.
type help struct {
	commands []string // the commands below it
	flags    []string // with their dashes
}

// A manual has the help of each command that was asked for, by its path.
type manual map[string]help

func (m manual) of(t *testing.T, path ...string) help {
	t.Helper()
	key := strings.Join(path, " ")
	if h, ok := m[key]; ok {
		return h
	}
	var out bytes.Buffer
	program := cli.Program{Args: append(slices.Clone(path), "--help"), Stdout: &out, Stderr: &out}
	if code := program.Main(t.Context()); code != 0 {
		t.Fatalf("pagesession %s --help = %d, %s", key, code, &out)
	}
	text := out.String()
	var h help
	if _, list, ok := strings.Cut(text, "\nAvailable Commands:\n"); ok {
		list, _, _ = strings.Cut(list, "\n\n")
		for _, found := range available.FindAllStringSubmatch(list, -1) {
			h.commands = append(h.commands, found[1])
		}
	}
	for _, found := range flagName.FindAllStringSubmatch(text, -1) {
		if h.flags = append(h.flags, "--"+found[2]); found[1] != "" {
			h.flags = append(h.flags, "-"+found[1])
		}
	}
	m[key] = h
	return h
}

// check returns what is wrong with the words after "pagesession" on a command line, or "".
// Words in capitals are for the reader to replace.
func (m manual) check(t *testing.T, words []string) string {
	t.Helper()
	var path []string
	h, rest := m.of(t), words
	for len(rest) > 0 && slices.Contains(h.commands, rest[0]) {
		path, rest = append(path, rest[0]), rest[1:]
		h = m.of(t, path...)
	}
	for i, word := range rest {
		name, _, _ := strings.Cut(word, "=")
		switch {
		case i == 0 && len(h.commands) > 0 && regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(word):
			return strings.Join(append([]string{"pagesession"}, path...), " ") + " has no command " + word
		case strings.HasPrefix(word, "-") && len(word) > 1 && !slices.Contains(h.flags, name):
			return strings.Join(append([]string{"pagesession"}, path...), " ") + " has no flag " + name
		}
	}
	return ""
}

// command returns the words after "pagesession" in a span or a line, up to the end of that
// command.
func command(text string) (words []string, ok bool) {
	all := strings.Fields(strings.NewReplacer(`\|`, "|", "[", " ", "]", " ").Replace(text))
	for len(all) > 0 && (all[0] == "sudo" || setting.MatchString(all[0])) {
		all = all[1:]
	}
	if len(all) == 0 || strings.TrimPrefix(all[0], "./") != "pagesession" {
		return nil, false
	}
	for _, word := range all[1:] {
		if strings.ContainsAny(word[:1], "|<>&#;(") || strings.HasPrefix(word, "2>") {
			break
		}
		words = append(words, word)
	}
	return words, true
}

// foreign are flags in the text that are those of other programs.
var foreign = []string{"--format", "--system", "--reload", "--data"}

// Each command and each flag that the pages name exists.
func TestCommands_InTheText(t *testing.T) {
	m := make(manual)
	all := flags(t, m)
	n := 0
	for _, page := range pageNames(t) {
		_, prose := split(readPage(t, page))
		for i, line := range prose {
			for _, found := range span.FindAllStringSubmatch(line, -1) {
				if words, ok := command(found[1]); ok {
					if n++; m.check(t, words) != "" {
						t.Errorf("%s:%d: `%s`: %s", page, i+1, found[1], m.check(t, words))
					}
				}
				if name := regexp.MustCompile(`^--[a-z][a-z-]+`).FindString(found[1]); name != "" && !slices.Contains(all, name) && !slices.Contains(foreign, name) {
					t.Errorf("%s:%d: `%s`: no command has the flag %s", page, i+1, found[1], name)
				}
			}
		}
	}
	if n < 35 {
		t.Errorf("the pages name %d commands; want all of them found", n)
	}
}

// inComment matches a command in a comment of a file of deploy/: it is indented there.
var inComment = regexp.MustCompile(`^ *# {2,}(.*)$`)

// So do those in the comments of the files of deploy/.
func TestCommands_InDeploy(t *testing.T) {
	m, n := make(manual), 0
	for _, pattern := range []string{"*.yml", "*.yaml", "*.conf", "Containerfile", "*.service", "*.socket"} {
		files, _ := filepath.Glob(filepath.Join(root, "deploy", pattern))
		for _, path := range files {
			for i, line := range strings.Split(readPage(t, "deploy/"+filepath.Base(path)), "\n") {
				found := inComment.FindStringSubmatch(line)
				if found == nil {
					continue
				}
				_, after, isExec := strings.Cut(found[1], " /pagesession ")
				if isExec {
					found[1] = "pagesession " + after
				}
				if words, ok := command(found[1]); ok {
					if n++; m.check(t, words) != "" {
						t.Errorf("%s:%d: %s", path, i+1, m.check(t, words))
					}
				}
			}
		}
	}
	if n < 4 {
		t.Errorf("found %d commands; want all", n)
	}
}

// flags returns the flags of all commands.
func flags(t *testing.T, m manual, path ...string) []string {
	t.Helper()
	h := m.of(t, path...)
	all := h.flags
	for _, name := range h.commands {
		all = append(all, flags(t, m, append(slices.Clone(path), name)...)...)
	}
	return all
}

// The table of COMMANDS.md names each command, and nothing else.
func TestCommands_Table(t *testing.T) {
	m := make(manual)
	page := readPage(t, "docs/COMMANDS.md")
	var named []string
	for i, line := range strings.Split(page, "\n") {
		cells := strings.Split(line, " | ")
		if !strings.HasPrefix(line, "| `") || len(cells) < 2 {
			continue
		}
		for _, found := range span.FindAllStringSubmatch(cells[0], -1) {
			words, _ := command("pagesession " + found[1])
			if wrong := m.check(t, words); wrong != "" {
				t.Errorf("docs/COMMANDS.md:%d: %s", i+1, wrong)
			}
			named = append(named, found[1]+" ")
		}
	}
	for _, path := range leaves(t, m) {
		if !slices.ContainsFunc(named, func(name string) bool { return strings.HasPrefix(name, path+" ") }) {
			t.Errorf("docs/COMMANDS.md does not have %q in its table", path)
		}
	}
}

// leaves returns the commands without commands below them.
func leaves(t *testing.T, m manual, path ...string) (all []string) {
	t.Helper()
	for _, name := range m.of(t, path...).commands {
		if name == "help" || name == "completion" {
			continue
		}
		below := append(slices.Clone(path), name)
		if more := leaves(t, m, below...); len(more) > 0 {
			all = append(all, more...)
		} else {
			all = append(all, strings.Join(below, " "))
		}
	}
	return all
}

// Each program of this repository that the pages run is there, and so is each command of the bench.
func TestCommands_GoRun(t *testing.T) {
	for _, page := range append(pageNames(t), "bench/README.md") {
		for i, line := range strings.Split(readPage(t, page), "\n") {
			for _, found := range regexp.MustCompile(`go run (\./[a-z/]+)`).FindAllStringSubmatch(line, -1) {
				if files, _ := filepath.Glob(filepath.Join(root, found[1], "*.go")); len(files) == 0 {
					t.Errorf("%s:%d: %s has no program", page, i+1, found[1])
				}
			}
			for _, found := range regexp.MustCompile("go run ./bench ([a-z][a-z-]*)").FindAllStringSubmatch(line, -1) {
				if !slices.Contains(scenarios(), found[1]) {
					t.Errorf("%s:%d: the bench has no command %s", page, i+1, found[1])
				}
			}
		}
	}
}

// scenarios returns the commands of the bench.
func scenarios() []string {
	names := []string{"seed", "promises"}
	for _, s := range scenario.All() {
		names = append(names, s.Name)
	}
	return names
}

func TestCommand(t *testing.T) {
	m := make(manual)
	for text, wrong := range map[string]string{
		"pagesession": "", "sudo pagesession users list --json": "", "pagesession --addr :8000 2>log": "", "A=1 pagesession backup - | age -r X": "",
		"pagesession users lst":           "pagesession users has no command lst",
		"pagesession sesions list":        "pagesession has no command sesions",
		"pagesession backup --to x":       "pagesession backup has no flag --to",
		"pagesession config init [FILE]":  "",
		"pagesession --no-such-flag=true": "pagesession has no flag --no-such-flag",
	} {
		words, ok := command(text)
		if got := m.check(t, words); !ok || got != wrong {
			t.Errorf("%q: %v, %q; want %q", text, ok, got, wrong)
		}
	}
}
