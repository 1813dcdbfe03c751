package account_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

const goodPassword = "correct horse battery"

var cli = account.Actor{Name: "root", Via: account.ViaCommandLine}

// A bench is a store with its clock and its log.
type bench struct {
	root account.User
	*account.Store
	t     testing.TB
	cfg   account.Config
	clock *testkit.Clock
}

func open(t testing.TB) *bench {
	cfg, c := newConfig(t)
	return openWith(t, cfg, c)
}

// newConfig returns the configuration of a new database, and its clock.
func newConfig(t testing.TB) (account.Config, *testkit.Clock) {
	c := testkit.NewClock()
	cfg := account.Config{
		Path: filepath.Join(t.TempDir(), "accounts.sqlite"), Now: c.Now, Logger: slog.New(slog.DiscardHandler),
	}
	if os.Getenv(postgresEnv) != "" {
		cfg.URL = cluster.Server(t).Database(t)
	}
	return cfg.Cheap(), c
}

func openWith(t testing.TB, cfg account.Config, c *testkit.Clock) *bench {
	t.Helper()
	s, err := account.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &bench{Store: s, t: t, cfg: cfg, clock: c}
}

// reopen restarts the store.
func (b *bench) reopen() *bench {
	b.t.Helper()
	if err := b.Close(); err != nil {
		b.t.Fatalf("Close: %v", err)
	}
	return openWith(b.t, b.cfg, b.clock)
}

// add adds a user at the command line.
func (b *bench) add(u account.User) account.User {
	b.t.Helper()
	out, err := b.CreateUser(b.t.Context(), cli, u, goodPassword)
	if err != nil {
		b.t.Fatalf("CreateUser(%q): %v", u.Username, err)
	}
	return out
}

func (b *bench) superuser(name string) account.User {
	b.t.Helper()
	return b.add(account.User{Username: name, Active: true, Staff: true, Superuser: true})
}

func (b *bench) staff(name string, may ...account.Permission) account.User {
	b.t.Helper()
	return b.add(account.User{Username: name, Active: true, Staff: true, Permissions: may})
}

func (b *bench) group(name string, gives ...account.Permission) account.Group {
	b.t.Helper()
	g, err := b.CreateGroup(b.t.Context(), cli, account.Group{Name: name, Permissions: gives})
	if err != nil {
		b.t.Fatalf("CreateGroup(%q): %v", name, err)
	}
	return g
}

// user returns the user's present state.
func (b *bench) user(id uint64) account.User {
	b.t.Helper()
	u, err := b.User(b.t.Context(), id)
	if err != nil {
		b.t.Fatalf("User(%d): %v", id, err)
	}
	return u
}

func (b *bench) signIn(name, password, address string) (account.User, error) {
	return b.Authenticate(b.t.Context(), account.Credentials{Username: name, Password: password, Address: address})
}

// signInOn signs in with a browser.
func (b *bench) signInOn(d account.Device, name, password, address string) (account.User, error) {
	return b.Authenticate(b.t.Context(), account.Credentials{Username: name, Password: password, Address: address, Device: d})
}

// newest returns the newest audit entry.
func (b *bench) newest() account.Entry {
	b.t.Helper()
	page, err := b.Entries(b.t.Context(), account.EntryQuery{Limit: 1})
	if err != nil || len(page.Entries) == 0 {
		b.t.Fatalf("Entries: %d, %v; want one", len(page.Entries), err)
	}
	return page.Entries[0]
}

func console(u account.User) account.Actor { return account.Console(u, "192.0.2.1") }

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v; want %v", what, err, want)
	}
}

// must returns what a read found. It panics after an error, which none of these tests
// expects.
func must[T any](found T, err error) T {
	if err != nil {
		panic(err)
	}
	return found
}

// valid reports whether the user's console sessions go on.
func (b *bench) valid(u account.User) (account.User, bool) {
	b.t.Helper()
	found, ok, err := b.Valid(b.t.Context(), u.ID, u.Epoch)
	if err != nil {
		b.t.Fatalf("Valid(%d): %v", u.ID, err)
	}
	return found, ok
}

var discard = slog.New(slog.DiscardHandler)
