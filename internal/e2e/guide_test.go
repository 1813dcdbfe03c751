package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

// A recipe is what one section of docs/CONTRIBUTING.md tells a newcomer to
// write: the files that it adds or changes, as they are afterwards, by their
// paths from the root of the module.
type recipe map[string]string

const root = "../.."

// fence matches a block of code whose first line names its file: "```diff PATH"
// changes one, any other kind is a new file. Blocks stand below a step of a list
// and are indented like its text.
var fence = regexp.MustCompile("(?ms)^   ```(\\w+) (\\S+)\n(.*?)^   ```$")

// readRecipe reads the section with that heading.
func readRecipe(t *testing.T, heading string) recipe {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join(root, "docs/CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(guide), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("docs/CONTRIBUTING.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	r := make(recipe)
	for _, block := range fence.FindAllStringSubmatch(section, -1) {
		body := regexp.MustCompile("(?m)^   ").ReplaceAllString(block[3], "")
		if err := r.add(block[1], block[2], body); err != nil {
			t.Fatalf("%s: %v", heading, err)
		}
	}
	return r
}

func (r recipe) add(kind, path, body string) error {
	old, err := os.ReadFile(filepath.Join(root, path))
	switch {
	case kind != "diff" && err == nil:
		return fmt.Errorf("%s is there already", path)
	case kind != "diff":
		r[path] = body
		return nil
	case r[path] != "":
		old = []byte(r[path])
	case err != nil:
		return err
	}
	r[path], err = patch(string(old), body)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// patch applies a diff without line numbers. The lines that it keeps or removes have
// to be in the text exactly once.
func patch(text, diff string) (string, error) {
	var before, after strings.Builder
	for line := range strings.Lines(diff) {
		mark, rest := line[0], line[1:]
		if mark != '+' {
			before.WriteString(rest)
		}
		if mark != '-' {
			after.WriteString(rest)
		}
	}
	if n := strings.Count(text, before.String()); n != 1 {
		return "", fmt.Errorf("these lines stand there %d times, not once:\n%s", n, before.String())
	}
	return strings.Replace(text, before.String(), after.String(), 1), nil
}

// overlay writes the recipe's files to a folder of the test and returns the flag with
// which the go command reads them in place of the module's, which stay as they are.
func (r recipe) overlay(t *testing.T) string {
	t.Helper()
	dir, replace := t.TempDir(), make(map[string]string)
	for path, body := range r {
		from, err := filepath.Abs(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, strings.ReplaceAll(path, "/", "_"))
		if err := os.WriteFile(to, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[from] = to
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return "-overlay=" + name
}

// build compiles the program with the recipe and returns its path.
func (r recipe) build(t *testing.T, overlay string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pagesession")
	goCommand(t, "build", overlay, "-o", path, "pagesession")
	return path
}

func goCommand(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPatch_WantsItsLinesOnce(t *testing.T) {
	if got, err := patch("a\nb\nc\n", " b\n+x\n"); err != nil || got != "a\nb\nx\nc\n" {
		t.Errorf("patch = %q, %v; want x behind b", got, err)
	}
	for _, text := range []string{"a\n", "b\nb\n"} {
		if got, err := patch(text, " b\n+x\n"); err == nil {
			t.Errorf("patch(%q) = %q; want an error", text, got)
		}
	}
}

// TestGuide follows the guide. Its parts compile at the same time, before the parallel
// tests, because the browser tests depend on real time.
func TestGuide(t *testing.T) {
	for name, part := range map[string]func(*testing.T){"page": guidePage, "setting": guideSetting, "figure": guideFigure} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t)
		})
	}
}

// guidePage adds a page and requests it.
func guidePage(t *testing.T) {
	r := readRecipe(t, "Add a page")
	r.touches(t, 9)
	overlay := r.overlay(t)
	goCommand(t, "test", overlay, "-run", "TestRoutes|TestTexts", "pagesession/internal/web")
	s := r.start(t, overlay, "--language", "auto")
	for language, want := range map[string]string{"en": "A session lives while you use it.", "de": "Eine Sitzung lebt"} {
		if got := s.get("/about/", testkit.Header("Accept-Language", language)); got.StatusCode != 200 || !strings.Contains(got.Text, want) {
			t.Errorf("GET /about/ in %q = %d %s; want 200 with %q", language, got.StatusCode, got.Text, want)
		}
	}
}

// guideSetting adds a setting and uses it.
func guideSetting(t *testing.T) {
	r := readRecipe(t, "Add a setting")
	r.touches(t, 3) // and docs/SETTINGS.md, which a test writes
	s := r.start(t, r.overlay(t), "--flush-interval", "50ms")
	list, err := exec.Command(s.cmd.Path, "config", "show", "--data-dir", s.dir).CombinedOutput()
	if err != nil || !regexp.MustCompile(`flush-interval.*200ms`).Match(list) {
		t.Errorf("config show: %v\n%s\nwant flush-interval with its default", err, list)
	}
	bad, err := exec.Command(s.cmd.Path, "config", "check", "--flush-interval", "1h").CombinedOutput()
	if err == nil || !strings.Contains(string(bad), "10ms to 1s") {
		t.Errorf("config check --flush-interval 1h: %v\n%s\nwant what is allowed", err, bad)
	}
}

// guideFigure adds a figure and finds it on the dashboard.
func guideFigure(t *testing.T) {
	r := readRecipe(t, "Add a figure to the dashboard")
	r.touches(t, 2)
	s := r.start(t, r.overlay(t))
	board := s.get("/admin/", testkit.Header("Cookie", "adminid="+s.operator()))
	if !strings.Contains(board.Text, "Refreshes on disk") {
		t.Errorf("GET /admin/ = %d %s; want the figure", board.StatusCode, board.Text)
	}
}

// touches fails the test if the recipe changes more files than docs/CONTRIBUTING.md
// promises.
func (r recipe) touches(t *testing.T, most int) {
	t.Helper()
	if len(r) == 0 || len(r) > most {
		t.Errorf("the guide touches %d files; want 1 to %d", len(r), most)
	}
}

// start builds the program with the recipe and starts it.
func (r recipe) start(t *testing.T, overlay string, args ...string) *server {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	cmd := command(append([]string{"--addr", "127.0.0.1:0", "--data-dir", dir}, args...)...)
	cmd.Path = r.build(t, overlay)
	return launch(t, dir, cmd)
}
