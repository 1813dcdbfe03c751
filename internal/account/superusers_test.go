package account_test

import (
	"testing"

	"pagesession/internal/account"
)

// Only superusers who can sign in and have no second factor count.
func TestSuperusersWithoutFactor(t *testing.T) {
	b := openSealed(t)
	count := func(when string, want int) {
		t.Helper()
		if n, err := b.SuperusersWithoutFactor(t.Context()); err != nil || n != want {
			t.Errorf("SuperusersWithoutFactor %s = %d, %v; want %d", when, n, err, want)
		}
	}
	count("of nothing", 0)
	b.staff("ada")
	count("with a user who is not a superuser", 0)
	first, second := b.superuser("root"), b.superuser("grace")
	count("of two", 2)
	b.app(first)
	count("after one set up an app", 1)
	if _, err := b.SetActive(t.Context(), cli, second.ID, false); err != nil {
		t.Fatal(err)
	}
	count("after the other was disabled", 0)
	b.holder(b.superuser("joan"))
	count("with a passkey", 0)
}

// Only a connection that checks the server's certificate is verified.
func TestConnection(t *testing.T) {
	t.Setenv("PGSSLMODE", "")
	for url, want := range map[string]struct {
		host     string
		verified bool
	}{
		"postgres://me@db.example/x?sslmode=verify-full":    {"db.example", true},
		"postgres://me@db.example/x?sslmode=require":        {"db.example", false},
		"postgres://me@db.example/x":                        {"db.example", false},
		"postgres://me@db.example/x?sslmode=disable":        {"db.example", false},
		"postgres:///x?host=/run/postgresql&sslmode=prefer": {"/run/postgresql", false},
	} {
		hosts, verified, err := account.Connection(url)
		if err != nil || hosts[0] != want.host || verified != want.verified {
			t.Errorf("Connection(%q) = %q, %v, %v; want %+v", url, hosts, verified, err, want)
		}
	}
	if _, _, err := account.Connection("postgres://db.example:x/"); err == nil {
		t.Error("Connection of a URL with a wrong port has no error")
	}
}
