package account_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// openSchema1 is openSchema of the version before second factors.
func openSchema1(t *testing.T, edit string) *bench {
	t.Helper()
	return openSchema(t, 1, edit)
}

// openSchema opens a copy of a file that the first version with a schema wrote, with the superuser
// ada, after edit has changed it.
func openSchema(t *testing.T, version int, edit string) *bench {
	t.Helper()
	path := schemaFile(t, version, edit)
	c := testkit.NewClock()
	return openWith(t, account.Config{Path: path, Now: c.Now, Logger: discard, SecretKey: secretKey}.Cheap(), c)
}

func schemaFile(t *testing.T, version int, edit string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), account.FileName)
	write(t, path, golden(t, fmt.Sprintf("schema-%d.sqlite", version)))
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(edit); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantsFactors holds that ada is there, and that second factors work.
func (b *bench) wantsFactors() {
	b.t.Helper()
	u, err := b.UserByName(b.t.Context(), "ada")
	if err != nil || u.Email != "ada@example.com" || u.Factors.Any() {
		b.t.Fatalf("UserByName = %+v, %v; want ada without a second factor", u, err)
	}
	if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
		b.t.Errorf("a sign-in: %v", err)
	}
	a := b.app(u)
	if _, err := b.enter(b.ticket("ada"), b.code(a)); err != nil {
		b.t.Errorf("a sign-in with a code: %v", err)
	}
}

// A file of each schema, as the first version with it wrote it, is used and upgraded.
func TestFile_OfEachSchema(t *testing.T) {
	for version := 1; version <= account.NewestSchema; version++ {
		b := openSchema(t, version, "SELECT 1")
		b.wantsFactors()
		if now := b.schema(); now != account.NewestSchema {
			t.Errorf("a file of schema %d has schema %d afterwards; want %d", version, now, account.NewestSchema)
		}
	}
}

// schema returns the version of the tables.
func (b *bench) schema() (now int) {
	b.t.Helper()
	db, err := sql.Open("sqlite", b.cfg.Path)
	if err == nil {
		err = errors.Join(db.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&now), db.Close())
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return now
}

// A file of a newer version is refused with the version that is needed, and stays as it is.
func TestFile_OfANewerSchema(t *testing.T) {
	const newer = "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1);"
	for edit, says := range map[string]string{
		newer: "is from a newer version (schema 99; this version knows up to 3); use that version or a newer one",
		newer + "INSERT INTO meta (name, value) VALUES ('program', 'v9.8.7')": `is from a newer version (schema 99, made by pagesession "v9.8.7"; this version knows up to 3); use that version or a newer one`,
	} {
		path := schemaFile(t, account.NewestSchema, edit)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := account.Open(t.Context(), account.Config{Path: path, Logger: discard})
		if err == nil {
			_ = s.Close()
		}
		if !errors.Is(err, account.ErrNewerFormat) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), says) {
			t.Errorf("Open = %v; want %s", err, says)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
			t.Errorf("the file has changed, %v; want it byte for byte", err)
		}
	}
}

// The tables say which version of the program made them.
func TestSchema_NotesTheProgram(t *testing.T) {
	b := openSchema(t, 1, "SELECT 1")
	db, err := sql.Open("sqlite", b.cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var by string
	if err := db.QueryRow("SELECT value FROM meta WHERE name = 'program'").Scan(&by); err != nil || by == "" {
		t.Errorf("the tables say %q, %v; want this program's version", by, err)
	}
}

// A large file is used before it is checked as a whole. It lacks the newer tables, which is
// no damage.
func TestFile_OfSchema1_Large(t *testing.T) {
	b := openSchema1(t, `WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
		INSERT INTO entries SELECT i, i, 0, 'root', '', 'command line', 'revoke', 'session', 'key' || i, '', '', 0 FROM n`)
	if info, err := os.Stat(b.cfg.Path); err != nil || info.Size() <= account.MostChecked {
		t.Fatalf("%d bytes, %v; want more than %d", info.Size(), err, account.MostChecked)
	}
	b.wantsFactors()
}

// A database of the version before second factors, in both engines.
func TestSchema_Upgrade(t *testing.T) {
	cfg, c := newConfig(t)
	if err := account.MakeSchema(t.Context(), cfg, 1); err != nil {
		t.Fatal(err)
	}
	cfg.SecretKey = secretKey
	b := openWith(t, cfg, c)
	b.add(account.User{Username: "ada", Email: "ada@example.com", Active: true, Staff: true})
	b.wantsFactors()
}

// A copy of the accounts has the second factors, too.
func TestMove_SecondFactors(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	_, _ = b.enter(b.ticket("ada"), "wrong")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	to := b.cfg
	to.Path, to.URL = filepath.Join(t.TempDir(), account.FileName), cluster.Server(t).Database(t)
	if _, err := account.Move(t.Context(), b.cfg, to); err != nil {
		t.Fatal(err)
	}
	there := openWith(t, to, b.clock)
	if in, err := there.enter(there.ticket("ada"), there.code(a)); err != nil || in.WrongCodes != 1 || in.RecoveryCodes != 10 {
		t.Errorf("a sign-in at the copy = %+v, %v; want one wrong code and ten recovery codes", in, err)
	}
}

// A deleted user leaves no secret.
func TestDeleteUsers_SecondFactors(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	_, _ = b.enter(b.ticket("ada"), "wrong")
	for table, want := range map[string]int{"totp": 1, "recovery_codes": 10, "wrong_codes": 1} {
		if n := b.Rows(table); n != want {
			t.Errorf("%s has %d rows; want %d", table, n, want)
		}
	}
	if err := b.DeleteUsers(t.Context(), cli, a.user.ID); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"totp", "recovery_codes", "wrong_codes"} {
		if n := b.Rows(table); n != 0 {
			t.Errorf("%s has %d rows after the user was deleted", table, n)
		}
	}
}
