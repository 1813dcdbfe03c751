package console_test

import (
	"context"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/passkey"
	"pagesession/internal/testkit"
)

// aboutPasskey are the routes about a passkey of the operator, for whom the tests of all
// routes make none.
const aboutPasskey = "/admin/second-factor/passkeys/:id/"

// Whenever the database goes away, the pages and forms of passkeys are 503, and a sign-in
// by a passkey is no failure.
func TestAccountsAway_Passkeys(t *testing.T) {
	d, accounts, _, _ := openAway(t)
	b := d.as("ada")
	key := b.addPasskey("Laptop")
	ada := must(d.accounts.UserByName(t.Context(), "ada"))
	at := strings.Replace(aboutPasskey, ":id", must(d.accounts.Passkeys(t.Context(), ada.ID))[0].ID, 1)
	b.get("/admin/second-factor/").Wants(200, "The passkey was added.")
	for _, path := range []string{"/admin/second-factor/", at + "rename/", at + "remove/"} {
		accounts.asks(b, func() *testkit.Reply { return b.get(path) }, func(a *testkit.Reply) { wantsAway(a) })
	}
	other := d.signedOut()
	accounts.breakAfter(0, false)
	for range 11 {
		wantsAway(other.use(key))
	}
	accounts.mend()
	other.use(key).Wants(303)
	for calls := range 3 { // who asks, their password, the change
		for _, what := range []string{"rename/", "remove/"} {
			accounts.breakAfter(calls, false)
			wantsAway(b.post(at+what, "old", password, "name", "Desk"))
			accounts.mend()
		}
	}
	b.get("/admin/second-factor/").Wants(200, "Laptop")
	b.post(at+"rename/", "old", password, "name", "Desk").Wants(303)
	b.get("/admin/second-factor/").Wants(200, "Desk")
}

func (a *troubled) Passkeys(ctx context.Context, user uint64) ([]account.Passkey, error) {
	return ask(a, func() ([]account.Passkey, error) { return a.Accounts.Passkeys(ctx, user) })
}

func (a *troubled) SetUpPasskey(ctx context.Context, by account.Actor, at passkey.Site) (set account.PasskeySetup, options []byte, err error) {
	if err = a.fails(); err != nil {
		return set, nil, err
	}
	return a.Accounts.SetUpPasskey(ctx, by, at)
}

func (a *troubled) AddPasskey(ctx context.Context, by account.Actor, set account.PasskeySetup, answer, name string) (account.FactorChange, error) {
	return ask(a, func() (account.FactorChange, error) { return a.Accounts.AddPasskey(ctx, by, set, answer, name) })
}

func (a *troubled) RenamePasskey(ctx context.Context, by account.Actor, user uint64, id, name string) error {
	return a.done(func() error { return a.Accounts.RenamePasskey(ctx, by, user, id, name) })
}

func (a *troubled) RemovePasskey(ctx context.Context, by account.Actor, user uint64, id string) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.RemovePasskey(ctx, by, user, id) })
}

func (a *troubled) SignInByPasskey(ctx context.Context, in account.PasskeyStep) (account.SignIn, error) {
	return ask(a, func() (account.SignIn, error) { return a.Accounts.SignInByPasskey(ctx, in) })
}
