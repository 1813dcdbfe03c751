package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

var update = flag.Bool("update", false, "write docs/SETTINGS.md anew")

// docs/SETTINGS.md has a table of all settings, made from the code. The text
// around it is written by hand.
func TestDocs(t *testing.T) {
	testkit.Documented(t, "../../docs/SETTINGS.md", "settings", settingsTable(), *update)
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("| flag | variable | default | allowed | what it does |\n|---|---|---|---|---|\n")
	for _, s := range settings() {
		flag, variable := "", "`"+s.variable()+"`"
		if s.hasFlag() {
			flag = "`--" + s.name + "`"
		}
		if s.hasFile() {
			variable += ", `" + s.variable() + fileSuffix + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", flag, variable, code(s.def), s.allowed, s.described())
	}
	return b.String()
}

func (s setting) described() string {
	text := strings.ReplaceAll(s.help, "`", "")
	if s.command != "" {
		text = "`" + s.command + "`: " + text
	}
	if s.secret {
		text += "; a secret"
	}
	if s.note != "" {
		text += "; " + s.note
	}
	return text
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// The README has the most common settings, with their defaults.
func TestDocs_Readme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, s := range settings() {
		if !strings.Contains(string(readme), "\n| `--"+s.name+"` |") {
			continue
		}
		rows++
		if want := fmt.Sprintf("\n| `--%s` | `%s` | %s", s.name, s.variable(), code(s.def)); !strings.Contains(string(readme), want) {
			t.Errorf("README.md has another row than %q", want)
		}
	}
	if rows == 0 {
		t.Error("README.md has no row of a setting")
	}
}

// The sample names all settings and sets none. Without the comment signs it sets the
// defaults.
func TestSample(t *testing.T) {
	if lines, bad := parseFile(Sample()); len(lines)+len(bad) > 0 {
		t.Errorf("Sample() sets %v, mistakes %v; want neither", lines, bad)
	}
	lines, bad := parseFile(strings.ReplaceAll(Sample(), "\n#"+envPrefix, "\n"+envPrefix))
	if len(bad) > 0 {
		t.Fatalf("Sample() without # has mistakes: %v", bad)
	}
	set := make(map[string]string)
	for _, l := range lines {
		set[l.name] = l.text
	}
	for _, s := range settings() {
		if text, ok := set[s.variable()]; !ok || text != s.def {
			t.Errorf("Sample() has %s=%q, %v; want %q", s.variable(), text, ok, s.def)
		}
		if _, ok := set[s.variable()+fileSuffix]; ok != s.hasFile() {
			t.Errorf("Sample() has %s%s: %v; want %v", s.variable(), fileSuffix, ok, s.hasFile())
		}
	}
}

// Each row of the table is complete.
func TestSettings_Rows(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range settings() {
		if s.name == "" || seen[s.name] || s.help == "" || strings.HasSuffix(s.help, ".") || strings.Contains(s.help+s.note, "|") {
			t.Errorf("row %q: named twice, without help, or with a full stop or a bar in it", s.name)
		}
		seen[s.name] = true
		if s.command == "" && (s.parse == nil || s.show == nil || s.allowed == "") {
			t.Errorf("row %q has no value", s.name)
		}
		if s.secret && s.def != "" {
			t.Errorf("row %q is a secret with a default", s.name)
		}
	}
}
