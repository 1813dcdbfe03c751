package account_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// run changes the database as damage, or a restore of a part, does.
func (b *bench) run(statements ...string) {
	b.t.Helper()
	driver, name := "sqlite", b.cfg.Path
	if b.cfg.URL != "" {
		driver, name = "pgx", b.cfg.URL
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			b.t.Fatalf("%s: %v", s, err)
		}
	}
}

func (b *bench) wantFirstRun(when string, want bool) {
	b.t.Helper()
	got, err := b.FirstRun(b.t.Context())
	// A busy machine opens PostgreSQL later than Open waits.
	for end := time.Now().Add(testkit.Patience); errors.Is(err, account.ErrUnavailable) && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		got, err = b.FirstRun(b.t.Context())
	}
	if err != nil || got != want {
		b.t.Errorf("%s: FirstRun = %v, %v; want %v", when, got, err, want)
	}
}

var byLink = account.Actor{Address: "127.0.0.1", Via: account.ViaFirstRun}

// Whatever takes the superuser away, the link for the first operator stays closed. The
// command line makes a new one.
func TestFirstRun_NotOutOfDamage(t *testing.T) {
	const (
		noUsers   = "DELETE FROM users"
		noCounter = "UPDATE counters SET last = 0 WHERE name = 'users'"
		noEntries = "DELETE FROM entries"
	)
	for what, damage := range map[string][]string{
		"a flipped bit":                   {"UPDATE users SET superuser = 0"},
		"no users":                        {noUsers},
		"no users and no counter":         {noUsers, noCounter},
		"no users and no audit log":       {noUsers, noEntries},
		"a flipped bit and no history":    {"UPDATE users SET staff = 0", noCounter, noEntries},
		"only sign-ins that users failed": {noUsers, noCounter, "DELETE FROM entries WHERE action <> 'login_failed'"},
	} {
		t.Run(what, func(t *testing.T) {
			b := open(t)
			b.wantFirstRun("before", true)
			b.superuser("root")
			_, err := b.signIn("root", "wrong", "192.0.2.1")
			wantErr(t, "a wrong password", err, account.ErrSignIn)
			b.run(damage...)
			if must(b.HasSuperuser(t.Context())) {
				t.Fatal("the superuser is there")
			}
			b.wantFirstRun("after", false)
			_, err = b.CreateFirstSuperuser(t.Context(), byLink, account.User{Username: "eve"}, goodPassword)
			wantErr(t, "CreateFirstSuperuser", err, account.ErrNotFirst)
			b.superuser("new")
		})
	}
}

// What strangers and commands can do before there is an operator leaves the link alone.
func TestFirstRun_StaysOpen(t *testing.T) {
	b := open(t)
	_, err := b.signIn("admin", "admin", "192.0.2.1")
	wantErr(t, "a sign-in", err, account.ErrSignIn)
	if err := b.Audit(t.Context(), cli, account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: "key"}); err != nil {
		t.Fatal(err)
	}
	b = b.reopen()
	b.wantFirstRun("after a failed sign-in", true)
	if _, err := b.CreateFirstSuperuser(t.Context(), byLink, account.User{Username: "ada"}, goodPassword); err != nil {
		t.Errorf("CreateFirstSuperuser: %v", err)
	}
	b.wantFirstRun("then", false)
}
