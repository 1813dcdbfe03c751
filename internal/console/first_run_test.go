package console_test

import (
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/testkit"
)

// first is a fixture without a superuser, and the link to make one.
func first(t *testing.T) (*fixture, string) {
	t.Helper()
	var secret string
	d := openConsole(t, func(cfg *console.Config) { cfg.FirstRun, secret = console.NewFirstRun(cfg.Now()) })
	return d, secret
}

func TestFirstRun(t *testing.T) {
	d, key := first(t)
	b := d.signedOut()
	b.get("/admin/first-run/?key="+key).Wants(200, "Create the first operator", `name="key" value="`+key+`"`).Lacks(`next" value="/admin/first-run/`)
	for _, wrong := range []string{"", "?key=", "?key=" + key[:25] + "x", "?key=" + key + "A"} {
		b.get("/admin/first-run/" + wrong).Wants(404)
	}
	b.post("/admin/first-run/", "key", key, "username", "a b", "email", "x", "new1", "123", "new2", "1234").
		Wants(422, "valid username", "valid email", "too short", "entirely numeric", "do not match", `value="a b"`, `value="`+key+`"`).Lacks(`value="123`)
	b.post("/admin/first-run/?key="+key, "username", "ada", "new1", password, "new2", password).Wants(404, "createsuperuser")
	b.get("/admin/login/").Wants(200, "There is no operator yet.")
	if a := b.post("/admin/first-run/", "key", key, "username", "ada", "new1", password, "new2", password); a.Wants(303).Leads() != "/admin/" {
		t.Errorf("leads to %s", a.Leads())
	}
	b.get("/admin/").Wants(200, ">ada<", "Sessions", "Users")
	ada, err := d.accounts.UserByName(t.Context(), "ada")
	if err != nil || !ada.Superuser || !ada.Staff || !ada.Active || ada.LastLogin.IsZero() {
		t.Errorf("made %+v, %v", ada, err)
	}

	other := d.signedOut() // the link worked once
	other.get("/admin/first-run/?key="+key).Wants(404, "This link does not work").Lacks(key)
	other.get("/admin/login/").Wants(200).Lacks("There is no operator yet.")
	other.post("/admin/first-run/", "key", key, "username", "eve", "new1", password, "new2", password).Wants(404)
	if _, err := d.accounts.UserByName(t.Context(), "eve"); err == nil {
		t.Error("the link made two")
	}
	if log := d.log.String(); len(log) > 0 {
		t.Errorf("the log says %s", log)
	}
}

func TestFirstRun_Expires(t *testing.T) {
	d, key := first(t)
	d.clock.Advance(console.FirstRunTime - time.Second)
	d.signedOut().get("/admin/first-run/?key=" + key).Wants(200)
	d.clock.Advance(time.Second)
	d.signedOut().get("/admin/first-run/?key=" + key).Wants(404)
	d.signedOut().post("/admin/first-run/", "key", key, "username", "eve", "new1", password, "new2", password).Wants(404)
}

// A superuser who is made elsewhere, at the command line, closes the door.
func TestFirstRun_NotAfterASuperuser(t *testing.T) {
	d, key := first(t)
	d.superuser("ada")
	d.signedOut().get("/admin/first-run/?key=" + key).Wants(404)
	d.signedOut().post("/admin/first-run/", "key", key, "username", "eve", "new1", password, "new2", password).Wants(404)
	if n := must(d.accounts.Users(t.Context(), account.UserQuery{})).Total; n != 1 {
		t.Errorf("there are %d users; want 1", n)
	}
}

// Only this machine's browsers may use it: no header is believed about that.
func TestFirstRun_OnlyLoopback(t *testing.T) {
	d, key := first(t)
	for address, want := range map[string]int{"127.0.0.1": 200, "127.3.2.1": 200, "::1": 200, "10.0.0.7": 404, "0.0.0.0": 404, "2001:db8::1": 404, "::ffff:127.0.0.1": 200} {
		b := d.signedOut()
		a := b.Get("/admin/first-run/?key="+key, testkit.From(address), testkit.Header("X-Forwarded-For", "127.0.0.1"), testkit.Header("X-Real-IP", "127.0.0.1"))
		a.What += " from " + address
		a.Wants(want)
	}
}

// Without a link there is nothing, with a key or not.
func TestFirstRun_NoLink(t *testing.T) {
	d := openConsole(t)
	d.signedOut().get("/admin/first-run/").Wants(404)
	d.signedOut().get("/admin/first-run/?key=x").Wants(404)
	d.signedOut().post("/admin/first-run/", "key", "", "username", "eve", "new1", password, "new2", password).Wants(404)
}
