package console_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/valyala/fasthttp"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/control"
)

// inTurns is a console of two servers with the same accounts, sessions and key, behind a
// balancer that sends each request to the other one than the last.
func inTurns(t *testing.T) *fixture {
	t.Helper()
	var second console.Config
	d := openConsole(t, func(cfg *console.Config) { cfg.FlashKey = secretKey(); second = *cfg })
	accounts, err := account.Open(t.Context(), account.Config{
		Path: filepath.Join(d.dir, accountsFile), SecretKey: secretKey(), Now: d.clock.Now, Logger: second.Logger, CheapHashes: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = accounts.Close() })
	second.Accounts = accounts
	second.Endings = control.NewEndings(control.Stores{Accounts: accounts, Visitors: second.Visitors}, "second", second.Logger)
	t.Cleanup(second.Endings.Close)
	other, err := console.New(second)
	if err != nil {
		t.Fatal(err)
	}
	var turn atomic.Uint64
	one := d.handler
	d.handler = func(c *fasthttp.RequestCtx) {
		if turn.Add(1)%2 == 0 {
			one(c)
		} else {
			other(c)
		}
	}
	d.superuser("ada")
	return d
}

// What a browser begins on one server goes on on the other: notices, setups of second factors,
// second steps, and the challenges of passkeys. What counts once counts once on both.
func TestTwoServers_SecondFactors(t *testing.T) {
	d := inTurns(t)
	ada := d.as("ada")
	ada.get("/admin/users/").Wants(200)
	a := ada.setUpApp()
	if len(a.codes) != 10 {
		t.Errorf("%d recovery codes; want 10", len(a.codes))
	}
	b, code := d.halfway("ada"), a.code()
	b.enter(code).Wants(303)
	b.get("/admin/users/").Wants(200)
	again := d.halfway("ada")
	again.enter(code).Wants(403, "used before")
	again.enter(code).Wants(403, "used before")
	again.enter(a.codes[0]).Wants(303)
	for range 2 {
		d.halfway("ada").enter(a.codes[0]).Wants(403)
	}
	key := b.addPasskey("phone")
	c := d.signedOut()
	c.use(key).Wants(303)
	c.get("/admin/users/").Wants(200)
	c.post("/admin/logout/").Wants(303)
	c.get("/admin/login/").Wants(200, "You have signed out.")
}
