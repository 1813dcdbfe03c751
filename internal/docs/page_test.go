package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// pageNames returns README.md and the pages of docs/, as paths from the root.
func pageNames(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(found) < 20 {
		t.Fatalf("docs has %d pages, %v; want all", len(found), err)
	}
	names := []string{"README.md"}
	for _, path := range found {
		names = append(names, "docs/"+filepath.Base(path))
	}
	return names
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A block is a fenced block of a page.
type block struct {
	line  int    // of its first line
	kind  string // such as sh
	label string // the file that the block is, if the page says so
	lines []string
}

var opening = regexp.MustCompile("^( *)```(\\w*) ?(\\S*)$")

// split returns the blocks of a page, and its lines without them.
func split(text string) (blocks []block, prose []string) {
	indent, inside := "", false
	for i, line := range strings.Split(text, "\n") {
		switch fence := opening.FindStringSubmatch(line); {
		case inside && strings.TrimSpace(line) == "```":
			inside, line = false, ""
		case inside:
			last := &blocks[len(blocks)-1]
			last.lines, line = append(last.lines, strings.TrimPrefix(line, indent)), ""
		case fence != nil:
			inside, indent, line = true, fence[1], ""
			blocks = append(blocks, block{line: i + 2, kind: fence[2], label: fence[3]})
		}
		prose = append(prose, line)
	}
	return blocks, prose
}

// A step is one command of a page.
type step struct {
	Line    int      // where it is in the page, or 0 for a preparation
	Command string   // for bash
	Code    int      // the exit code that it should have
	Shown   []string // the output that the page shows below it
	Console bool     // the page shows all of its output
}

// setting matches a line of a settings file.
var setting = regexp.MustCompile(`^[A-Z][A-Z0-9_]*=("[^"]*"|\S*)$`)

// steps returns the commands of a block. A block with a file as its label is written to that
// file. Of blocks that are settings the server says whether they are right.
func (b block) steps() (steps []step) {
	if strings.HasPrefix(b.label, "/") {
		steps = append(steps, step{Line: b.line, Command: b.write(b.label)})
	}
	switch {
	case b.kind == "console":
		return append(steps, b.console()...)
	case b.kind != "sh":
		return steps
	case b.settings():
		return append(steps, b.check())
	}
	return append(steps, b.script()...)
}

// write returns a command that writes the block to a file.
func (b block) write(path string) string {
	return "mkdir -p " + filepath.Dir(path) + "\ncat >" + path + " <<'END'\n" + strings.Join(b.lines, "\n") + "\nEND\nchmod 0600 " + path
}

// check returns the step that checks settings.
func (b block) check() step {
	const path = "/tmp/settings.env"
	return step{Line: b.line, Command: b.write(path) + "\npagesession config check --config " + path}
}

// settings reports whether the block is a settings file.
func (b block) settings() bool {
	for _, line := range b.lines {
		if !strings.HasPrefix(line, "#") && !setting.MatchString(line) {
			return false
		}
	}
	return true
}

// console returns the commands after "$ ", each with the output below it.
func (b block) console() (steps []step) {
	for i, line := range b.lines {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			steps = append(steps, step{Line: b.line + i, Command: command, Console: true})
		} else if len(steps) > 0 {
			last := &steps[len(steps)-1]
			last.Shown = append(last.Shown, line)
		}
	}
	return steps
}

// script returns the commands of a script, one a line. A backslash at the end joins lines.
func (b block) script() (steps []step) {
	joined := ""
	for i, line := range b.lines {
		text := joined + line
		if joined = ""; strings.HasSuffix(line, "\\") {
			joined = strings.TrimSuffix(text, "\\")
			continue
		}
		if text = strings.TrimSpace(text); text != "" && !strings.HasPrefix(text, "#") {
			steps = append(steps, step{Line: b.line + i, Command: text})
		}
	}
	return steps
}

func TestSplit(t *testing.T) {
	blocks, prose := split("a\n   ```sh /etc/a.env\n   A=1\n   ```\nb `pagesession`\n```console\n$ x \\\n> \n$ y\n1\n\n```\n")
	if len(blocks) != 2 || len(prose) != 13 || prose[4] != "b `pagesession`" || prose[2] != "" {
		t.Fatalf("split = %+v, %q", blocks, prose)
	}
	if b := blocks[0]; b.line != 3 || b.label != "/etc/a.env" || !b.settings() || len(b.steps()) != 2 {
		t.Errorf("the first block is %+v with %+v", b, b.steps())
	}
	got := blocks[1].steps()
	if len(got) != 2 || got[1].Line != 9 || got[1].Command != "y" || strings.Join(got[1].Shown, "|") != "1|" {
		t.Errorf("the second block has %+v", got)
	}
	joined := block{kind: "sh", lines: []string{"# c", "a \\", "  b", "A=1 c"}}.steps()
	if len(joined) != 2 || joined[0].Command != "a   b" || joined[1].Command != "A=1 c" {
		t.Errorf("a script has %+v", joined)
	}
}
