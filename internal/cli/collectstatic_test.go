package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The command writes the scripts of all languages, too, and does so once.
func TestCollectStatic(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "static")
	r := run(t, nil, nil, "collectstatic", dir)
	if r.code != 0 || r.stderr != "" || !regexp.MustCompile(`^\d\d files written, 0 kept, 0 removed\.\n$`).MatchString(r.stdout) {
		t.Fatalf("collectstatic = %d, %q, %q", r.code, r.stdout, r.stderr)
	}
	for _, name := range []string{"pages.de-*.js", "pages.hi-*.js.br", "style-*.css.gz", "uplot-LICENSE-*.txt"} {
		if found, _ := filepath.Glob(filepath.Join(dir, name)); len(found) != 1 {
			t.Errorf("collectstatic has written %d of %s; want one", len(found), name)
		}
	}
	if r := run(t, nil, nil, "collectstatic", dir, "--clear", "--json"); r.code != 0 || !strings.Contains(r.stdout, `"written": 0,`) || !strings.Contains(r.stdout, `"removed": 0`) {
		t.Errorf("collectstatic again = %d, %q, %q", r.code, r.stdout, r.stderr)
	}
}

func TestCollectStatic_Errors(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, nil, nil, "collectstatic", dir)
	if want := "pagesession: folder \"" + dir + "\" has files that collectstatic has not written; name an empty or a new folder\n"; r.code != 1 || r.stderr != want {
		t.Errorf("collectstatic in a folder of something else = %d, %q; want %q", r.code, r.stderr, want)
	}
	if r := run(t, nil, nil, "collectstatic"); r.code != 2 || r.stderr != "pagesession: missing folder; see \"pagesession collectstatic --help\"\n" {
		t.Errorf("collectstatic without a folder = %d, %q", r.code, r.stderr)
	}
}
