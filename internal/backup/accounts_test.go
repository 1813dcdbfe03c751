package backup_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/account"
)

// A whole backup whose accounts cannot be used is refused, with what is wrong and the version that
// made it.
func TestStage_AccountsOfNoUse(t *testing.T) {
	f := newFolder(t, "ada")
	for name, c := range map[string]struct {
		content []byte
		edit    string
		want    error
		says    string
	}{
		"a newer version's":     {nil, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)", account.ErrNewerFormat, "schema 99"},
		"without its tables":    {nil, "DROP TABLE meta", account.ErrDamaged, "not an accounts file"},
		"no SQLite file":        {[]byte(strings.Repeat("text ", 1000)), "", account.ErrDamaged, "not a database"},
		"cut before":            {[]byte(f.read("accounts.sqlite"))[:20_000], "", account.ErrDamaged, "accounts.sqlite"},
		"empty":                 {[]byte{}, "", account.ErrDamaged, "accounts.sqlite"},
		"an older version's":    {golden(t), "", nil, ""},
		"half of accounts move": {nil, "INSERT INTO meta (name, value) VALUES ('moving', '1')", account.ErrDamaged, "half copied"},
	} {
		path := filepath.Join(t.TempDir(), "b.tar")
		f.using(func(s *account.Store) {
			src := f.source(s)
			src.Accounts = func(ctx context.Context, copied string) error {
				if c.content != nil {
					return os.WriteFile(copied, c.content, 0o600)
				}
				return errors.Join(s.Snapshot(ctx, copied), edit(copied, c.edit))
			}
			if _, err := src.Create(t.Context(), path); err != nil {
				t.Fatal(err)
			}
		})
		if c.want == nil {
			if _, err := newFolder(t).restore(path); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		f.refused(name, path, c.want)
		if _, err := f.target().Stage(t.Context(), path, "b"); !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "pagesession v1.2.3") || strings.Contains(err.Error(), "restore a backup") {
			t.Errorf("%s: %v; want %q, and the version that made it", name, err, c.says)
		}
	}
}

// golden returns accounts that the version before second factors wrote.
func golden(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../account/testdata/schema-1.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func edit(path, statement string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	return errors.Join(err, db.Close())
}

// Accounts that are damaged or gone, so that no server opens them, are replaced as others are.
func TestRestore_OfDamagedAccounts(t *testing.T) {
	path := newFolder(t, "ada").backedUp()
	for _, state := range []string{"damaged", "moved aside", "gone"} {
		f := newFolder(t, "mallory")
		switch state {
		case "damaged":
			f.write("accounts.sqlite", strings.Repeat("no database ", 1000))
		case "moved aside":
			if err := os.Rename(f.path("accounts.sqlite"), f.path("accounts.sqlite.damaged-20261101T000000Z")); err != nil {
				t.Fatal(err)
			}
		case "gone":
			if err := os.Remove(f.path("accounts.sqlite")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.restore(path); err != nil || f.users() != "ada" {
			t.Errorf("accounts that are %s: %v, and then users %q; want ada", state, err, f.users())
		}
	}
}
