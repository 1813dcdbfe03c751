package cli_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/backup"
	"pagesession/internal/control"
)

// operators returns the names in the list of users.
func (p *place) operators() string {
	p.t.Helper()
	var list struct{ Users []struct{ Username string } }
	p.parse(&list, "users", "list", "--json")
	var names []string
	for _, u := range list.Users {
		names = append(names, u.Username)
	}
	return strings.Join(names, " ")
}

// add creates another superuser.
func (p *place) add(name string) {
	p.t.Helper()
	environ := []string{"PAGESESSION_SUPERUSER_USERNAME=" + name, "PAGESESSION_SUPERUSER_EMAIL=" + name + "@example.com", "PAGESESSION_SUPERUSER_PASSWORD=" + password}
	if r := p.with(new(script), environ, "createsuperuser", "--noinput"); r.code != 0 {
		p.t.Fatalf("createsuperuser = %d, %q", r.code, r.stderr)
	}
}

// running reports whether bothPlaces runs a server.
func (p *place) running() bool { return strings.HasSuffix(p.t.Name(), "/running") }

// left returns what backups have left in the data folder.
func (p *place) left() (names []string) {
	p.t.Helper()
	for _, pattern := range []string{backup.TempPrefix + "*", ".import-*", "restore*"} {
		found, _ := filepath.Glob(filepath.Join(p.dir, pattern))
		names = append(names, found...)
	}
	return names
}

// A backup with and without a server, and a restore: at once without one, else at the next start.
func TestBackup_BothWays(t *testing.T) {
	bothPlaces(t, 1, func(p *place) {
		p.superuser()
		path := filepath.Join(p.t.TempDir(), "one.tar")
		var made backup.Info
		p.parse(&made, "backup", path, "--json")
		if at, err := os.Stat(path); err != nil || at.Mode().Perm() != 0o600 || at.Size() != made.Size || made.Name != path || !strings.HasPrefix(strings.Join(made.Parts, " "), "accounts.sqlite secret.key") {
			p.t.Errorf("backup --json = %+v, the file %v, %v; want it with mode 0600", made, at, err)
		}
		p.wants(p.do("backup", path), "backup to the same file", 1, "", "pagesession: \""+path+"\" exists already; choose another name, or remove it\n")
		if left := p.left(); left != nil {
			p.t.Errorf("the data folder has %v", left)
		}
		p.add("eve")
		var cookie *http.Cookie
		if p.running() {
			cookie = p.newSession()
		}
		var done control.Restored
		p.parse(&done, "restore", path, "--json")
		running := p.running()
		if done.Users != 1 || !done.Made.Equal(made.Time) || done.Applied == running || done.Server != running {
			p.t.Errorf("restore --json = %+v; want 1 user, applied only without a server", done)
		}
		if running {
			if got := p.operators(); got != "ada eve" {
				p.t.Errorf("until the start the operators are %q; want ada and eve", got)
			}
			if r := p.do("status"); r.code != 0 || !strings.Contains(r.stdout, "A restored backup waits") || !strings.Contains(r.stdout, "see below") {
				p.t.Errorf("status = %+v; want that a backup waits", r)
			}
			p.stop()
			r := p.do("users", "list")
			if r.code != 1 || !strings.Contains(r.stderr, "waits in data folder") {
				p.t.Errorf("users list before the start = %+v; want that a backup waits", r)
			}
			p.serve()
			if state := p.state(cookie); !strings.Contains(state, `"live"`) {
				p.t.Errorf("a visitor's session after the restore is %s; want it live", state)
			}
			if r := p.do("status"); strings.Contains(r.stdout, "waits") {
				p.t.Errorf("status after the start = %q; want that nothing waits", r.stdout)
			}
		}
		if got := p.operators(); got != "ada" {
			p.t.Errorf("the operators are %q; want ada alone", got)
		}
		if left := p.left(); left != nil {
			p.t.Errorf("the data folder has %v", left)
		}
	})
}

// On stdout a backup is the file and nothing else.
func TestBackup_Stdout(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		r := p.do("backup", "-")
		path := filepath.Join(p.t.TempDir(), "one.tar")
		if err := os.WriteFile(path, []byte(r.stdout), 0o600); err != nil || r.code != 0 || r.stderr != "" {
			p.t.Fatalf("backup - = %d, %q, %v", r.code, r.stderr, err)
		}
		if m, err := backup.ReadManifest(path); err != nil || len(m.Parts) < 2 {
			p.t.Errorf("ReadManifest = %+v, %v; want accounts and a key", m, err)
		}
		if r := p.do("restore", path); r.code != 0 {
			p.t.Errorf("restore = %d, %q", r.code, r.stderr)
		}
		if r := p.do("backup", "-", "--json"); r.code != 2 || !strings.Contains(r.stderr, "name a file") {
			p.t.Errorf("backup - --json = %+v; want wrong usage", r)
		}
		if left := p.left(); len(left) > 1 { // a running server keeps "restore" until it starts again
			p.t.Errorf("the data folder has %v", left)
		}
	})
}

// The settings of the command, or of the server, are in the backup, and come back beside.
func TestBackup_Settings(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	settings := filepath.Join(t.TempDir(), "settings.env")
	const text = "# mine\nPAGESESSION_IDLE_TIMEOUT=1m\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p.superuser()
	path := filepath.Join(t.TempDir(), "one.tar")
	if r := p.do("backup", path, "--config", settings); r.code != 0 || !strings.Contains(r.stdout, "accounts.sqlite, settings.env") {
		t.Fatalf("backup = %+v; want it with the settings", r)
	}
	other := &place{t: t, dir: filepath.Join(t.TempDir(), "new")}
	r := other.do("restore", path)
	if r.code != 0 || !strings.Contains(r.stdout, "Its settings are in "+filepath.Join(other.dir, "settings.env")) {
		t.Errorf("restore in a new folder = %+v; want where the settings are", r)
	}
	if b, err := os.ReadFile(filepath.Join(other.dir, "settings.env")); err != nil || !strings.Contains(string(b), "PAGESESSION_IDLE_TIMEOUT=\"1m\"\n") {
		t.Errorf("settings.env is %q, %v", b, err)
	}
	if got := other.operators(); got != "ada" {
		t.Errorf("the operators are %q; want ada", got)
	}
	running := &place{t: t, dir: filepath.Join(t.TempDir(), "running")}
	running.serve()
	if r := running.do("restore", path); r.code != 0 || !strings.Contains(r.stdout, "The start writes its settings to "+filepath.Join(running.dir, "settings.env")) {
		t.Errorf("restore beside a server = %+v; want where the settings will be", r)
	}
}

// Files that are no backups are refused, in one line that names them, and nothing changes.
func TestRestore_BadFiles(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		path := filepath.Join(p.t.TempDir(), "one.tar")
		p.do("backup", path)
		whole, err := os.ReadFile(path)
		if err != nil {
			p.t.Fatal(err)
		}
		flipped := bytes.Clone(whole)
		flipped[len(flipped)/2] ^= 1
		for name, c := range map[string]struct {
			content []byte
			want    string
		}{
			"empty": {nil, "is not a backup of pagesession"}, "cut": {whole[:len(whole)/2], "is damaged: it is cut"}, "flipped": {flipped, "is damaged: it is cut, or has changed"},
		} {
			bad := filepath.Join(p.t.TempDir(), name)
			if err := os.WriteFile(bad, c.content, 0o600); err != nil {
				p.t.Fatal(err)
			}
			if r := p.do("restore", bad); r.code != 1 || !strings.HasPrefix(r.stderr, "pagesession: backup \""+bad+"\" "+c.want) || strings.Count(r.stderr, "\n") != 1 {
				p.t.Errorf("restore of a file that is %s = %+v; want %s", name, r, c.want)
			}
		}
		if r := p.do("restore", p.dir); r.code != 1 || !strings.Contains(r.stderr, "is not a regular file") {
			p.t.Errorf("restore of a folder = %+v", r)
		}
		if r := p.do("restore", filepath.Join(p.dir, "missing")); r.code != 1 || !strings.Contains(r.stderr, "cannot be read: no such file or directory; name a backup") {
			p.t.Errorf("restore of a missing file = %+v", r)
		}
		if r := p.do("backup", filepath.Join(p.dir, "missing", "b.tar")); r.code != 1 || !strings.Contains(r.stderr, "is not there; make it first, or name another file") {
			p.t.Errorf("backup in a missing folder = %+v", r)
		}
		if r := p.do("restore", path, "--accounts", "postgres://127.0.0.1:1/none"); !p.running() && (r.code != 1 || !strings.Contains(r.stderr, "accounts move")) {
			p.t.Errorf("restore with PostgreSQL = %+v; want what to do", r)
		}
		if got, left := p.operators(), p.left(); got != "ada" || left != nil && !strings.HasSuffix(left[0], "restore") {
			p.t.Errorf("the operators are %q, and the data folder has %v; want ada, as before", got, left)
		}
	})
}

// A data folder and a file without a whole path, as the default ./data.
func TestBackup_RelativeNames(t *testing.T) {
	t.Chdir(t.TempDir())
	p, to := &place{t: t, dir: "data"}, &place{t: t, dir: "other"}
	p.superuser()
	if r := p.do("backup", "one.tar"); r.code != 0 {
		t.Errorf("backup = %+v", r)
	}
	if r := to.do("restore", "one.tar"); r.code != 0 || to.operators() != "ada" {
		t.Errorf("restore = %+v, with %q; want ada", r, to.operators())
	}
	p.serve()
	if r := p.do("backup", "two.tar"); r.code != 0 {
		t.Errorf("backup of a server = %+v", r)
	}
	if r := p.do("restore", "two.tar"); r.code != 0 {
		t.Errorf("restore to a server = %+v", r)
	}
}
