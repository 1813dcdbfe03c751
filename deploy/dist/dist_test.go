package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// packed are files that an archive has.
var packed = []string{"CHANGELOG.md", "LICENSE", "README.md", "deploy/Caddyfile", "deploy/pagesession.service", "docs/START.md", "docs/adr/0001-x.md", "docs/img/x.png"}

// clone makes a repository with a small program in a new folder. Each has the same commit.
func clone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"go.mod": "module pagesession\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() { println(\"hello\") }\n", ".gitignore": "/dist/\n", "deploy/deploy.go": "package deploy\n",
	}
	for _, name := range packed {
		files[name] = "the text of " + name + "\n"
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "."}, {"commit", "-q", "-m", "first"}, {"tag", "v1.2.3"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
			"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z", "GIT_CONFIG_GLOBAL=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	return dir
}

var linux = target{"linux", "amd64"}

// built runs dist in a clone, and returns its folder.
func built(t *testing.T, most int64) (string, error) {
	t.Helper()
	source := clone(t)
	d := &dist{source: source, out: filepath.Join(source, "dist"), say: io.Discard, most: most}
	return d.out, d.make(t.Context(), []target{linux})
}

// Two clones in different folders give the same bytes, whatever the caller's environment says.
func TestMake_SameBytes(t *testing.T) {
	first, err := built(t, largest)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-buildvcs=false")
	t.Setenv("GOAMD64", "v3")
	t.Setenv("GOEXPERIMENT", "nogreenteagc")
	second, err := built(t, largest)
	if err != nil {
		t.Fatal(err)
	}
	name := "pagesession-v1.2.3-linux-amd64.tar.gz"
	for _, file := range []string{"linux-amd64/pagesession", name, "SHA256SUMS"} {
		a, b := content(t, first, file), content(t, second, file)
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs between two clones: %x, %x", file, sha256.Sum256(a), sha256.Sum256(b))
		}
	}
	if got, want := string(content(t, first, "SHA256SUMS")), fmt.Sprintf("%x  %s\n", sha256.Sum256(content(t, first, name)), name); got != want {
		t.Errorf("SHA256SUMS = %q; want %q", got, want)
	}
	a, err := read(filepath.Join(first, "linux-amd64", "pagesession"))
	if err != nil || a.version != "v1.2.3" || !a.date.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("the program says %+v, %v; want v1.2.3 and the time of the commit", a, err)
	}
	wantFiles(t, untar(t, content(t, first, name)), "pagesession-v1.2.3-linux-amd64/", linux)
}

func content(t *testing.T, dir, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantFiles checks the names and modes of an archive's files.
func wantFiles(t *testing.T, got map[string]int64, folder string, of target) {
	t.Helper()
	want := map[string]int64{folder + of.program(): 0o755, folder + noticesFile: 0o644}
	for _, name := range packed {
		want[folder+name] = 0o644
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the archive has %v; want %v", got, want)
	}
}

func untar(t *testing.T, archive []byte) map[string]int64 {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]int64{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return modes
		}
		if err != nil {
			t.Fatal(err)
		}
		modes[h.Name] = h.Mode
	}
}

// Windows gets an archive that it opens itself.
func TestPack_Windows(t *testing.T) {
	source := clone(t)
	d := &dist{source: source, out: source}
	windows := target{"windows", "arm64"}
	name, err := d.pack(t.Context(), windows, filepath.Join(source, "main.go"), about{version: "v1.2.3", date: time.Unix(1e9, 0)})
	if err != nil || name != "pagesession-v1.2.3-windows-arm64.zip" {
		t.Fatalf("pack = %q, %v", name, err)
	}
	archive := content(t, source, name)
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]int64{}
	for _, f := range r.File {
		modes[f.Name] = int64(f.Mode())
	}
	wantFiles(t, modes, "pagesession-v1.2.3-windows-arm64/", windows)
}

// A program has the licenses of Go and of its modules beside it.
func TestNotices(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("this test knows no modules")
	}
	d := &dist{source: "."}
	text, err := d.notices(t.Context(), info.Deps)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"==== Go's standard library: LICENSE\n\nCopyright 2009 The Go Authors", "==== github.com/spf13/pflag v", "Alex Ogier"} {
		if !bytes.Contains(text, []byte(part)) {
			t.Errorf("the licenses lack %q", part)
		}
	}
	if got := escaped("github.com/HdrHistogram/go"); got != "github.com/!hdr!histogram/go" {
		t.Errorf("escaped = %q", got)
	}
	if _, err := d.notices(t.Context(), []*debug.Module{{Path: "example.com/x", Version: "v1.0.0"}}); err == nil || !strings.Contains(err.Error(), "run go mod download") {
		t.Errorf("notices of a module that is not there = %v; want the cure", err)
	}
}

func TestMake_TooLarge(t *testing.T) {
	_, err := built(t, 1_000_000)
	if err == nil || !strings.Contains(err.Error(), "at most 1000000: see docs/DEPENDENCIES.md") {
		t.Errorf("make = %v; want that the program is too large", err)
	}
}

// In a folder that Git sees, the second program would have another version than the first.
func TestMake_FolderOfTheClone(t *testing.T) {
	source := clone(t)
	d := &dist{source: source, out: filepath.Join(source, "release"), say: io.Discard, most: largest}
	if err := d.make(t.Context(), []target{linux}); err == nil || !strings.Contains(err.Error(), "choose a folder outside with --out") {
		t.Errorf("make in a folder of the clone = %v; want that Git sees it", err)
	}
}

func TestMake_WithoutGit(t *testing.T) {
	source := clone(t)
	if err := os.RemoveAll(filepath.Join(source, ".git")); err != nil {
		t.Fatal(err)
	}
	d := &dist{source: source, out: filepath.Join(source, "dist"), say: io.Discard, most: largest}
	if err := d.make(t.Context(), []target{linux}); err == nil || !strings.Contains(err.Error(), "run this in a clone") {
		t.Errorf("make = %v; want that it needs a clone", err)
	}
}

func TestRun_Arguments(t *testing.T) {
	for _, tc := range []struct{ args, want string }{
		{"--only plan9/amd64", `unknown system "plan9/amd64"; choose from linux/amd64, linux/arm64, darwin/amd64`},
		{"build", `unknown arguments ["build"]; there are weigh and overlay FOLDER`},
	} {
		if err := run(t.Context(), strings.Fields(tc.args), io.Discard); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("run %s = %v; want %s", tc.args, err, tc.want)
		}
	}
}

func TestModuleOf(t *testing.T) {
	modules := []string{"pagesession", "go.opentelemetry.io/otel", "go.opentelemetry.io/otel/sdk", "modernc.org/sqlite"}
	for symbol, want := range map[string]string{
		"main.main": standard, "runtime.mallocgc": standard, "pagesession/internal/web.Open": "pagesession",
		"go:itab.*pagesession/session.Policy,io.Closer": "pagesession", "type:.eq.pagesession/storage.Key": "pagesession", "pagesessions.x": standard,
		"go.opentelemetry.io/otel/sdk/trace.(*span).End": "go.opentelemetry.io/otel/sdk", "go.opentelemetry.io/otel.Tracer": "go.opentelemetry.io/otel",
	} {
		if got := moduleOf(symbol, modules); got != want {
			t.Errorf("moduleOf(%q) = %q; want %q", symbol, got, want)
		}
	}
}

// Each module of the program is in docs/DEPENDENCIES.md, and no other.
func TestDocs_NameModules(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "pagesession")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	list, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	page := string(content(t, "../../docs", "DEPENDENCIES.md"))
	modules := strings.Fields(string(list))
	slices.Sort(modules)
	modules = slices.Compact(modules)
	for _, m := range modules {
		if m != "pagesession" && !strings.Contains(page, "`"+m+"`") {
			t.Errorf("docs/DEPENDENCIES.md lacks %s; see go run ./deploy/dist weigh", m)
		}
	}
	for line := range strings.Lines(page) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "`"); ok && strings.HasPrefix(line, "| `") && !slices.Contains(modules, name) {
			t.Errorf("docs/DEPENDENCIES.md has %s, which is not in the program", name)
		}
	}
}
