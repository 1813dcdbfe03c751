package assets_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"pagesession/internal/assets"
)

func load(t *testing.T) assets.Files {
	t.Helper()
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func wantsCollected(t *testing.T, what, dir string, files assets.Files, all bool, want assets.Collected) {
	t.Helper()
	if got, err := files.Collect(dir, all); err != nil || got != want {
		t.Errorf("%s: Collect = %+v, %v; want %+v", what, got, err, want)
	}
}

// Each file is there under its name with the hash, and as it is served compressed.
func TestCollect(t *testing.T) {
	dir, files := filepath.Join(t.TempDir(), "made", "static"), load(t)
	first, err := files.Collect(dir, false)
	if err != nil || first.Written < 20 || first.Kept+first.Removed != 0 {
		t.Fatalf("Collect = %+v, %v; want some files written", first, err)
	}
	named := regexp.MustCompile(`^(\.pagesession-static|[\w.-]+-[0-9a-f]{12}\.(css|js|svg|txt)(\.br|\.gz)?)$`)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != first.Written+1 {
		t.Errorf("the folder has %d files, %v; want %d and the marker", len(entries), err, first.Written)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !named.MatchString(e.Name()) || info.Mode() != 0o644 && os.PathSeparator == '/' {
			t.Errorf("file %s, %v, %v; want a hashed name and mode 0644", e.Name(), info.Mode(), err)
		}
	}
	name := filepath.Join(dir, strings.TrimPrefix(files.Lasting("/static/style.css"), "/static/"))
	want := files["/static/style.css"].Body()
	for suffix, open := range map[string]func(io.Reader) (io.Reader, error){
		"":    func(r io.Reader) (io.Reader, error) { return r, nil },
		".br": func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		".gz": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	} {
		packed, err := os.ReadFile(name + suffix)
		if err != nil {
			t.Fatal(err)
		}
		r, err := open(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("style.css%s holds %d bytes, %v; want the stylesheet", suffix, len(got), err)
		}
	}
	wantsCollected(t, "again", dir, files, false, assets.Collected{Kept: first.Written})
}

// Older files stay for open pages, until --clear. What was changed or half written is mended.
func TestCollect_Again(t *testing.T) {
	dir, files := t.TempDir(), load(t)
	older, err := files.With("/static/style.css", []byte("body { color: red }"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := older.Collect(dir, false); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, suffix := range []string{"", ".br", ".gz"} {
		names = append(names, filepath.Join(dir, strings.TrimPrefix(files.Lasting("/static/style.css"), "/static/")+suffix))
	}
	for path, content := range map[string]string{".partly-1": "x", "notes.txt": "mine", strings.TrimPrefix(files.Lasting("/static/console.js"), "/static/"): "cut"} {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	now, err := files.Collect(dir, false)
	if err != nil || now.Written != len(names)+1 || now.Removed != 0 {
		t.Errorf("Collect of a new version = %+v, %v; want its stylesheet and the cut script written", now, err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".partly-1")); err == nil {
		t.Error("what a crash left is still there")
	}
	if err := os.Symlink(names[0], filepath.Join(dir, "linked-0123456789ab.css")); err != nil {
		t.Skip(err)
	}
	wantsCollected(t, "with clear", dir, files, true, assets.Collected{Kept: now.Written + now.Kept, Removed: 1})
	for _, kept := range append(names, filepath.Join(dir, "notes.txt"), filepath.Join(dir, "linked-0123456789ab.css")) {
		if _, err := os.Lstat(kept); err != nil {
			t.Errorf("%v; want it kept", err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, strings.TrimPrefix(older.Lasting("/static/style.css"), "/static/"))); err == nil {
		t.Error("the old stylesheet is still there after clear")
	}
}

// A folder of something else is refused and stays as it is.
func TestCollect_RefusesOtherFolders(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "index.html")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t).Collect(dir, true); err == nil || !strings.Contains(err.Error(), "name an empty or a new folder") {
		t.Errorf("Collect in a folder with files = %v; want it refused", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder has %v; want its file only", entries)
	}
	if _, err := load(t).Collect(path, false); err == nil || !strings.Contains(err.Error(), "create folder for static files") {
		t.Errorf("Collect in a file = %v", err)
	}
}
