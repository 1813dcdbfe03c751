package cli_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pagesession/internal/account"
)

// djangoFile is the file of a real Django project. It is made once, because
// Django takes seconds.
var djangoFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "pagesession-django-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "db.sqlite3")
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import django").Run() != nil {
			continue
		}
		if out, err := exec.Command(python, "../account/testdata/project.py", path).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("project.py: %w\n%s", err, out)
		}
		return os.ReadFile(path)
	}
	return nil, exec.ErrNotFound
})

// djangoProject returns the path of a Django project's file that is the test's.
func djangoProject(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("Django takes seconds")
	}
	content, err := djangoFile()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("no Django here; apt-get install python3-django")
	}
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	if err := errors.Join(err, os.WriteFile(path, content, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

// A Django project's users are imported, with and without a server, and no copy of their
// hashes is left.
func TestImportDjango(t *testing.T) {
	path := djangoProject(t)
	bothPlaces(t, 0, func(p *place) {
		r := p.do("import-django", path)
		for _, want := range []string{"users added: ", "ada", "root", "groups added: ", "night watch", "skipped:\n"} {
			if r.code != 0 || !strings.Contains(r.stdout, want) {
				p.t.Errorf("import-django = %d, %q, %q; want %q in it", r.code, r.stdout, r.stderr, want)
			}
		}
		var again account.DjangoReport
		p.parse(&again, "import-django", "--json", path)
		if len(again.Users) != 0 || again.Users == nil || len(again.Skipped) == 0 {
			p.t.Errorf("import-django again = %+v; want all skipped", again)
		}
		if r := p.do("users", "list", "--search", "ada"); strings.Count(r.stdout, "\n") != 2 {
			p.t.Errorf("users list --search ada = %q; want her", r.stdout)
		}
		if left, _ := filepath.Glob(filepath.Join(p.dir, ".import-*")); len(left) != 0 {
			p.t.Errorf("%q are left", left)
		}
	})
}

// A file to which the project still writes is refused.
func TestImportDjango_Unfinished(t *testing.T) {
	path := djangoProject(t)
	if err := os.WriteFile(path+"-wal", []byte("the newest users"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	bothPlaces(t, 0, func(p *place) {
		r := p.do("import-django", path)
		if r.code != 1 || !strings.Contains(r.stderr, "stop the project that uses it") {
			p.t.Errorf("import-django = %d, %q; want 1, and what to do", r.code, r.stderr)
		}
		said = append(said, r.stderr)
		p.wants(p.do("users", "list"), "users list", 0, "No operators.\n", "")
	})
	if len(said) == 2 && said[0] != said[1] {
		t.Errorf("running %q; stopped %q", said[0], said[1])
	}
}

// Another database is not a Django project.
func TestImportDjango_NotDjango(t *testing.T) {
	path := djangoProject(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other\x1b[31m.sqlite3")
	if err := os.WriteFile(other, []byte(strings.ReplaceAll(string(content), "django_content_type", "django_kontent_type")), 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	bothPlaces(t, 0, func(p *place) {
		r := p.do("import-django", other)
		if r.code != 1 || r.stdout != "" || !strings.Contains(r.stderr, account.ErrNotDjango.Error()) || strings.Contains(r.stderr, "\x1b") {
			p.t.Errorf("import-django = %d, %q; want 1, %v", r.code, r.stderr, account.ErrNotDjango)
		}
		said = append(said, r.stderr)
	})
	if len(said) == 2 && said[0] != said[1] {
		t.Errorf("running %q; stopped %q", said[0], said[1])
	}
}
