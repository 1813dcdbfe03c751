package backup_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pagesession/internal/backup"
)

// refused holds that a file is refused with an error, in one line that names it, and that the
// data folder stays as it was.
func (f *folder) refused(what string, path string, want error) {
	f.t.Helper()
	was := strings.Join(f.names(), " ") + f.read("accounts.sqlite") + f.read("secret.key")
	_, err := f.target().Stage(f.t.Context(), path, filepath.Base(path))
	switch {
	case err == nil:
		f.t.Fatalf("%s: it was accepted", what)
	case want != nil && !errors.Is(err, want):
		f.t.Errorf("%s: %v; want %v", what, err, want)
	case !strings.Contains(err.Error(), filepath.Base(path)) || strings.Contains(err.Error(), "\n"):
		f.t.Errorf("%s: %v; want one line with the file's name", what, err)
	}
	if is := strings.Join(f.names(), " ") + f.read("accounts.sqlite") + f.read("secret.key"); is != was {
		f.t.Fatalf("%s: the data folder has changed: %v", what, f.names())
	}
}

func (f *folder) file(content []byte) string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "bad.tar")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// A backup that is cut anywhere is refused: in its manifest, at each border of an entry, at its
// end, and at other offsets.
func TestStage_Cut(t *testing.T) {
	f := newFolder(t, "ada")
	whole, err := os.ReadFile(f.backedUp())
	if err != nil {
		t.Fatal(err)
	}
	cuts := []int{0, 1, 100, 511, 512, 513, 700, 1024, 1536, len(whole) - 4096, len(whole) - 2048, len(whole) - 1024, len(whole) - 512, len(whole) - 1}
	for range 20 {
		cuts = append(cuts, rand.IntN(len(whole)))
	}
	for _, at := range cuts {
		want := backup.ErrDamaged
		if at < 512 {
			want = backup.ErrNotBackup
		}
		f.refused(fmt.Sprint("cut at ", at), f.file(whole[:at]), want)
	}
	f.refused("one byte more", f.file(append(bytes.Clone(whole), 0)), backup.ErrDamaged)
	f.refused("a block more", f.file(append(bytes.Clone(whole), make([]byte, 512)...)), backup.ErrDamaged)
}

// A flipped bit anywhere is found: in the headers and the padding of tar, in the manifest, in the
// parts and in the digest.
func TestStage_Flipped(t *testing.T) {
	f := newFolder(t, "ada")
	whole, err := os.ReadFile(f.backedUp())
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 1 + rand.IntN(2*len(whole)/400) {
		bad := bytes.Clone(whole)
		bad[at] ^= 1 << rand.IntN(8)
		f.refused("flipped", f.file(bad), nil)
	}
	for _, at := range []int{600, len(whole) - 2048, len(whole) - 1600, len(whole) - 1536, len(whole) - 1400, len(whole) - 1} {
		bad := bytes.Clone(whole)
		bad[at] ^= 1
		f.refused("flipped", f.file(bad), nil)
	}
}

// entry is a file in a tar that another program makes.
type entry struct {
	name, content string
	kind          byte
}

func tarOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.content)), Mode: 0o600, Typeflag: e.kind}
		if e.kind != 0 {
			h.Size, h.Linkname = 0, "/etc/passwd"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			_, _ = w.Write([]byte(e.content))
		}
	}
	_ = w.Close()
	return b.Bytes()
}

func TestStage_OtherFiles(t *testing.T) {
	f := newFolder(t, "ada")
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	if w, err := z.Create("pb_data/data.db"); err != nil {
		t.Fatal(err)
	} else {
		_, _ = w.Write(make([]byte, 5000))
	}
	_ = z.Close()
	const manifest = `{"product":"pagesession","format":1,"program":"v1","time":"2026-11-30T00:00:00Z","parts":[{"name":"accounts.sqlite","size":4,"sha256":""}]}`
	part := func(name string) string { return strings.Replace(manifest, "accounts.sqlite", name, 1) }
	for _, c := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"empty", nil, backup.ErrNotBackup},
		{"text", []byte("PAGESESSION_ADDR=:8000\n"), backup.ErrNotBackup},
		{"the accounts alone", []byte(f.read("accounts.sqlite")), backup.ErrNotBackup},
		{"zeros", make([]byte, 100_000), backup.ErrNotBackup},
		{"another product's zip", zipped.Bytes(), backup.ErrNotBackup},
		{"another product's tar", tarOf(t, entry{"gitea/app.ini", "x", 0}), backup.ErrNotBackup},
		{"another product's manifest", tarOf(t, entry{"manifest.json", `{"product":"gitea","format":1}`, 0}), backup.ErrNotBackup},
		{"a manifest that is no JSON", tarOf(t, entry{"manifest.json", "x", 0}), backup.ErrNotBackup},
		{"a manifest that is a link", tarOf(t, entry{"manifest.json", "", tar.TypeSymlink}), backup.ErrNotBackup},
		{"a huge manifest", tarOf(t, entry{"manifest.json", strings.Repeat(" ", 1<<20) + manifest, 0}), backup.ErrNotBackup},
		{"a newer format", tarOf(t, entry{"manifest.json", strings.Replace(manifest, `"format":1`, `"format":2`, 1), 0}), backup.ErrNewer},
		{"a path", tarOf(t, entry{"manifest.json", part("../../etc/passwd"), 0}), backup.ErrDamaged},
		{"no accounts", tarOf(t, entry{"manifest.json", part("secret.key"), 0}), backup.ErrDamaged},
		{"a part too large", tarOf(t, entry{"manifest.json", strings.Replace(manifest, `"size":4`, `"size":1e15`, 1), 0}), nil},
		{"without a digest", tarOf(t, entry{"manifest.json", manifest, 0}, entry{"accounts.sqlite", "text", 0}), backup.ErrDamaged},
	} {
		f.refused(c.name, f.file(c.content), c.want)
	}
	_, err := f.target().Stage(t.Context(), f.file(tarOf(t, entry{"manifest.json", strings.Replace(manifest, `"format":1`, `"format":2`, 1), 0})), "b")
	if err == nil || !strings.Contains(err.Error(), `made by pagesession "v1" in format 2`) {
		t.Errorf("a newer format: %v; want the version that it needs", err)
	}
	dir := t.TempDir()
	f.refused("a folder", dir, nil)
	f.refused("a missing file", filepath.Join(dir, "missing"), os.ErrNotExist)
	if err := os.Symlink(filepath.Join(dir, "missing"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	f.refused("a link to nothing", filepath.Join(dir, "link"), os.ErrNotExist)
	if os.Geteuid() != 0 && runtime.GOOS != "windows" {
		path := f.backedUp()
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		f.refused("an unreadable file", path, os.ErrPermission)
	}
}
