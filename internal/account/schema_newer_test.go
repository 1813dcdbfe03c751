package account_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// newer returns the configuration of a PostgreSQL database that a newer version has migrated
// by these statements, and that versions from oldest on may use.
func newer(t *testing.T, statements string, oldest int64) (account.Config, *testkit.Clock) {
	t.Helper()
	c := testkit.NewClock()
	cfg := account.Config{URL: cluster.Server(t).Database(t), Now: c.Now, Logger: discard, SecretKey: secretKey}.Cheap()
	if err := account.MakeSchema4(t.Context(), cfg, statements, oldest); err != nil {
		t.Fatal(err)
	}
	return cfg, c
}

// additive is a step to a later version that only adds something.
const additive = `ALTER TABLE users ADD COLUMN nickname TEXT NOT NULL DEFAULT '';
	CREATE TABLE badges (user_id INTEGER NOT NULL, name TEXT NOT NULL) STRICT;
	INSERT INTO badges VALUES (1, 'kept');`

// While servers are upgraded one after the other, one of this version starts and works on
// tables to which a newer version has added something.
func TestPostgres_NewerSchema_Additive(t *testing.T) {
	cfg, c := newer(t, additive, 3)
	b := openWith(t, cfg, c)
	b.add(account.User{Username: "ada", Email: "ada@example.com", Active: true, Staff: true})
	b.wantsFactors()
	g, err := b.CreateGroup(t.Context(), cli, account.Group{Name: "editors", Permissions: []account.Permission{account.ViewSession}})
	if err != nil {
		t.Fatal(err)
	}
	u := b.staff("eve")
	u.Groups = []uint64{g.ID}
	if _, err := b.UpdateUser(t.Context(), cli, u); err != nil {
		t.Errorf("UpdateUser = %v", err)
	}
	if err := b.DeleteUsers(t.Context(), cli, u.ID); err != nil {
		t.Errorf("DeleteUsers = %v", err)
	}
	if n := b.Rows("badges"); n != 1 {
		t.Errorf("the newer version's table has %d rows; want 1, as it was", n)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	to := account.Config{Path: t.TempDir() + "/" + account.FileName, Logger: discard}.Cheap()
	if _, err := account.Move(t.Context(), cfg, to); !errors.Is(err, account.ErrNewerFormat) {
		t.Errorf("Move of tables that it does not know = %v; want ErrNewerFormat", err)
	}
}

// Tables that a newer version has changed for itself, or of which it says nothing, are refused.
func TestPostgres_NewerSchema_Refused(t *testing.T) {
	for _, oldest := range []int64{4, 0} {
		cfg, _ := newer(t, "ALTER TABLE users DROP COLUMN email;", oldest)
		s, err := account.Open(t.Context(), cfg)
		if err == nil {
			_ = s.Close()
		}
		if !errors.Is(err, account.ErrNewerFormat) || !strings.Contains(err.Error(), "this version knows up to 3") {
			t.Errorf("Open of schema 4, oldest %d = %v; want ErrNewerFormat", oldest, err)
		}
	}
}

// Servers that start at the same time on an empty database make its tables once.
func TestPostgres_StartAtTheSameTime(t *testing.T) {
	c := testkit.NewClock()
	cfg := account.Config{URL: cluster.Server(t).Database(t), Now: c.Now, Logger: discard}.Cheap()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := account.OpenOnce(t.Context(), cfg); err != nil {
				t.Errorf("a start = %v", err)
			}
		})
	}
	all.Wait()
	one, two := openWith(t, cfg, c), openWith(t, cfg, c)
	if id := must(one.Identity(t.Context())); id == "" || id != must(two.Identity(t.Context())) {
		t.Errorf("the servers know the database as %q and another; want one identity", id)
	}
}
