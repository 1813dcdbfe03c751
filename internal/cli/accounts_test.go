package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/testkit/postgres"
)

// The operators move to PostgreSQL and back into another folder, where commands find them.
func TestAccountsMove(t *testing.T) {
	url := postgres.New(t).Database(t)
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	p.superuser()
	r := p.do("accounts", "move", "--to", url)
	if r.code != 0 || !strings.HasPrefix(r.stdout, "Copied 1 user, 0 groups and 1 audit entries from ") || !strings.Contains(r.stdout, "Start the servers with --accounts postgres://") {
		t.Fatalf("accounts move = %+v", r)
	}
	r = p.do("users", "list", "--accounts", url)
	if r.code != 0 || !strings.Contains(r.stdout, "ada@example.com") {
		t.Errorf("users list from PostgreSQL = %+v", r)
	}
	file := filepath.Join(t.TempDir(), "accounts.sqlite")
	r = p.do("accounts", "move", "--accounts", url, "--to", "sqlite:"+file, "--json")
	if r.code != 0 || !strings.Contains(r.stdout, `"users": 1`) || !strings.Contains(r.stdout, `"complete": false`) {
		t.Errorf("accounts move back = %+v", r)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v; want mode 0600", info, err)
	}
	r = p.do("accounts", "move", "--accounts", url, "--to", "sqlite:")
	if r.code != 0 || !strings.HasPrefix(r.stdout, "Nothing to copy: ") {
		t.Errorf("accounts move to the first file = %+v", r)
	}
}

func TestAccountsMove_Refused(t *testing.T) {
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data")}
	p.serve()
	p.superuser()
	file := "sqlite:" + filepath.Join(t.TempDir(), "copy.sqlite")
	r := p.do("accounts", "move", "--to", file)
	if r.code != 1 || !strings.Contains(r.stderr, "stop the server first") {
		t.Errorf("with a server = %+v; want a refusal", r)
	}
	p.stop()
	if r := p.do("accounts", "move", "--to", file); r.code != 0 {
		t.Errorf("without a server = %+v", r)
	}
	for to, want := range map[string]string{
		"":                             `--to="" is not a database; use postgres://me@host/database, sqlite: for the file in the data folder, or sqlite:FILE`,
		"accounts.sqlite":              `--to="accounts.sqlite" is not a database`,
		"postgres://me:secret@host/db": "--to has a password, and other users of this machine can read the command line; set PGPASSWORD or PGPASSFILE instead",
	} {
		r := p.do("accounts", "move", "--to", to)
		if r.code != 2 || !strings.Contains(r.stderr, want) || strings.Contains(r.stderr, "secret") {
			t.Errorf("--to %q = %+v; want %q", to, r, want)
		}
	}
}
