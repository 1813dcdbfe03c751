package console_test

import (
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/page"
)

const deviceCookie = "admindevice"

// attack has strangers enter wrong passwords until sign-ins from their network wait.
func (d *fixture) attack(name string) {
	d.t.Helper()
	d.attackAfter(0, name)
}

// attackAfter is attack after n failures.
func (d *fixture) attackAfter(n int, name string) {
	d.t.Helper()
	for range 10 - n {
		d.signedOut().post("/admin/login/", "username", name, "password", "wrong").Wants(403)
	}
	d.signedOut().post("/admin/login/", "username", name, "password", password).Wants(429)
}

// A browser in which a user has signed in before is not delayed by others' failures. Nor is
// it after the user has signed out, or has another password.
func TestDevice_SignsInBesideAnAttack(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.superuser("eve")
	b := d.as("ada")
	b.post("/admin/logout/").Wants(303)
	d.attack("ada")
	b.post("/admin/login/", "username", "eve", "password", password).Wants(429)
	b.post("/admin/login/", "username", "ada", "password", "wrong").Wants(403)
	b.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	b.get("/admin/").Wants(200)
	const next = "another correct horse"
	b.post("/admin/password/", "old", password, "new1", next, "new2", next).Wants(303)
	b.post("/admin/logout/").Wants(303)
	b.post("/admin/login/", "username", "ada", "password", next).Wants(303)
	if e := d.entries(account.EntryQuery{Action: account.ActionThrottled}); len(e) != 1 {
		t.Errorf("%d entries of delays; want the strangers' one", len(e))
	}
}

// The browser keeps its id, so signing in does not give it a second count.
func TestDevice_HasOneCount(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	old := b.Jar[deviceCookie]
	b.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	d.attack("ada")
	for i := range 10 {
		if i%2 == 0 {
			b.Jar[deviceCookie], old = old, b.Jar[deviceCookie]
		}
		b.post("/admin/login/", "username", "ada", "password", "wrong").Wants(403)
	}
	b.post("/admin/login/", "username", "ada", "password", password).Wants(429)
}

func TestDevice_Cookie(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	r := d.signedOut().post("/admin/login/", "username", "ada", "password", password)
	for _, c := range r.Cookies() {
		if c.Name != deviceCookie {
			continue
		}
		_, attributes, _ := strings.Cut(c.Raw, ";")
		if want := " HttpOnly; Max-Age=31536000; Path=/admin/; SameSite=Lax"; attributes != want {
			t.Errorf("attributes %q; want %q", attributes, want)
		}
		d.attack("ada")
		for what, value := range map[string]string{"cut": c.Value[1:], "longer": c.Value + "A", "none": "", "another": "x"} {
			b := d.signedOut()
			b.Jar[deviceCookie] = value
			if got := b.post("/admin/login/", "username", "ada", "password", password).StatusCode; got != 429 {
				t.Errorf("%s: %d; want 429", what, got)
			}
		}
		return
	}
	t.Error("a sign-in sets no device cookie")
}

// A wrong password sets none, and a cookie of another key or another cookie's name is none.
func TestDevice_Forged(t *testing.T) {
	d, other := openConsole(t), openConsole(t, func(cfg *console.Config) { cfg.FlashKey = page.NewFlashKey() })
	d.superuser("ada")
	other.superuser("ada")
	b := d.signedOut()
	b.post("/admin/login/", "username", "ada", "password", "wrong").Wants(403)
	if b.Jar[deviceCookie] != "" {
		t.Error("a wrong password makes a device")
	}
	d.attackAfter(1, "ada")
	b.Jar[deviceCookie] = other.as("ada").Jar[deviceCookie]
	b.post("/admin/login/", "username", "ada", "password", password).Wants(429)
	signed := d.as("")
	d.clock.Advance(5 * time.Minute)
	signed.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	signed.post("/admin/logout/").Wants(303)
	d.attack("ada")
	b.Jar[deviceCookie] = signed.Jar["adminmessages"]
	b.post("/admin/login/", "username", "ada", "password", password).Wants(429)
}
