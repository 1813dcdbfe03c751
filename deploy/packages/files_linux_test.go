package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func debFiles(t *testing.T, f *fixture) {
	r := copyOf(t, f.base)
	r.installDeb(t, f.newer, newerVersion)
	for name, mode := range map[string]os.FileMode{
		"/usr/bin/pagesession": 0o755, "/usr/lib/systemd/system/pagesession.service": 0o644, "/usr/lib/systemd/system/pagesession.socket": 0o644,
		settings: 0o600, docs + "copyright": 0o644, docs + "changelog.gz": 0o644, docs + "README.md": 0o644, docs + "docs/DEPLOY.md": 0o644,
	} {
		r.wantOwner(t, name, 0, 0, mode)
	}
	uid, gid, _ := r.user(t)
	r.wantOwner(t, data, uid, gid, 0o700)
	r.wantOnlyRootWrites(t, strings.Fields(r.run(t, "dpkg", "--listfiles", "pagesession")))
	if got, want := r.read(t, settings), r.run(t, "pagesession", "config", "init"); got != want || len(got) < 1000 {
		t.Errorf("the settings file is %q; want all defaults, as in %q", got, want)
	}
	if out := r.run(t, "pagesession", "config", "check", "--config", settings); !strings.Contains(out, "valid") {
		t.Errorf("config check: %s", out)
	}
	r.wantManual(t)
	r.wantCompletions(t, "/usr/share/zsh/vendor-completions/_pagesession")
	if got := string(uncompress(t, r.path(docs+"LICENSES-OF-MODULES.gz"))); got != licenses {
		t.Errorf("the licenses of modules are %q; want %q", got, licenses)
	}
}

// wantOnlyRootWrites fails the test if another user owns or can write one of these.
func (r root) wantOnlyRootWrites(t *testing.T, names []string) {
	t.Helper()
	if len(names) < 60 {
		t.Errorf("the package has %d files; want all", len(names))
	}
	for _, name := range names {
		info, err := os.Lstat(r.path(name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s has mode %o; want one that only root can write", name, info.Mode().Perm())
		} else {
			r.wantOwner(t, name, 0, 0, info.Mode().Perm())
		}
	}
}

// wantManual fails the test unless there is a page for the program and each command.
func (r root) wantManual(t *testing.T) {
	t.Helper()
	pages, err := filepath.Glob(r.path("/usr/share/man/man1/pagesession*.1.gz"))
	if err != nil || len(pages) < 20 {
		t.Errorf("%d manual pages, %v; want one for each command", len(pages), err)
	}
	for _, page := range pages {
		text := uncompress(t, page)
		if !bytes.Contains(text, []byte("\n.TH \"PAGESESSION")) && !bytes.HasPrefix(text, []byte(".TH \"PAGESESSION")) || !bytes.Contains(text, []byte("\n.SH SYNOPSIS\n")) {
			t.Errorf("%s begins with %.80q; want a page for man", page, text)
		}
	}
	r.wantExist(t, true, "/usr/share/man/man1/pagesession.1.gz", "/usr/share/man/man1/pagesession-createsuperuser.1.gz")
}

// wantCompletions fails the test unless each shell finds its file.
func (r root) wantCompletions(t *testing.T, zsh string) {
	t.Helper()
	const bash = "/usr/share/bash-completion/completions/pagesession"
	for name, part := range map[string]string{
		bash: "complete -o default", zsh: "#compdef pagesession", "/usr/share/fish/vendor_completions.d/pagesession.fish": "complete -c pagesession",
	} {
		if !strings.Contains(r.read(t, name), part) {
			t.Errorf("%s lacks %q", name, part)
		}
	}
	if out := r.run(t, "bash", "-n", bash); out != "" {
		t.Errorf("bash says %s", out)
	}
}

func uncompress(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return text
}

// reproducible makes packages of the same programs once more, from a copy with other times.
func reproducible(t *testing.T, f *fixture) {
	dist := filepath.Join(memory(t), "again")
	for _, arch := range architectures {
		name := filepath.Join("linux-"+arch, "pagesession")
		b, err := os.ReadFile(filepath.Join(f.newer, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dist, "linux-"+arch), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dist, name), b, 0o755); err != nil {
			t.Fatal(err)
		}
		writeLicenses(t, filepath.Join(dist, "linux-"+arch))
	}
	makePackages(t, dist, newerVersion)
	n := 0
	for _, pattern := range []string{"*.deb", "*.rpm"} {
		files, err := filepath.Glob(filepath.Join(dist, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			n++
			if a, b := hash(t, file), hash(t, filepath.Join(f.newer, filepath.Base(file))); a != b {
				t.Errorf("%s has other bytes the second time", filepath.Base(file))
			}
		}
	}
	if n != 4 {
		t.Errorf("%d packages; want 4", n)
	}
}

func hash(t *testing.T, file string) [sha256.Size]byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(b)
}
