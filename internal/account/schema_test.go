package account_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// openSchema1 opens a copy of a file that the version before second factors wrote, with the
// superuser ada, after edit has changed it.
func openSchema1(t *testing.T, edit string) *bench {
	t.Helper()
	golden, err := os.ReadFile(filepath.Join("testdata", "schema-1.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), account.FileName)
	write(t, path, golden)
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
	c := testkit.NewClock()
	return openWith(t, account.Config{Path: path, Now: c.Now, Logger: discard, SecretKey: secretKey}.Cheap(), c)
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

func TestFile_OfSchema1(t *testing.T) {
	openSchema1(t, "SELECT 1").wantsFactors()
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
