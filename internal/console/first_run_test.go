package console_test

import (
	"net"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
)

// first is a desk without a superuser, and the link to make one.
func first(t *testing.T) (*desk, string) {
	t.Helper()
	var secret string
	d := openDesk(t, func(cfg *console.Config) { cfg.FirstRun, secret = console.NewFirstRun(cfg.Now()) })
	return d, secret
}

func TestFirstRun(t *testing.T) {
	d, key := first(t)
	b := d.nobody()
	b.get("/admin/first-run/?key="+key).wants(200, "Create the first operator", `name="key" value="`+key+`"`).lacks(`next" value="/admin/first-run/`)
	for _, wrong := range []string{"", "?key=", "?key=" + key[:25] + "x", "?key=" + key + "A"} {
		b.get("/admin/first-run/" + wrong).wants(404)
	}
	b.post("/admin/first-run/", "key", key, "username", "a b", "email", "x", "new1", "123", "new2", "1234").
		wants(422, "valid username", "valid email", "didn’t match", `value="a b"`, `value="`+key+`"`).lacks("too short", `value="123`)
	b.post("/admin/first-run/?key="+key, "username", "ada", "new1", password, "new2", password).wants(404, "createsuperuser")
	b.get("/admin/login/").wants(200, "There is no operator yet.")
	if a := b.post("/admin/first-run/", "key", key, "username", "ada", "new1", password, "new2", password); a.wants(303).leads() != "/admin/" {
		t.Errorf("leads to %s", a.leads())
	}
	b.get("/admin/").wants(200, ">ada<", "Sessions", "Users")
	ada, err := d.accounts.UserByName("ada")
	if err != nil || !ada.Superuser || !ada.Staff || !ada.Active || ada.LastLogin.IsZero() {
		t.Errorf("made %+v, %v", ada, err)
	}

	other := d.nobody() // the link worked once
	other.get("/admin/first-run/?key="+key).wants(404, "This link does not work").lacks(key)
	other.get("/admin/login/").wants(200).lacks("There is no operator yet.")
	other.post("/admin/first-run/", "key", key, "username", "eve", "new1", password, "new2", password).wants(404)
	if _, err := d.accounts.UserByName("eve"); err == nil {
		t.Error("the link made two")
	}
	if log := d.log.String(); len(log) > 0 {
		t.Errorf("the log says %s", log)
	}
}

func TestFirstRun_Expires(t *testing.T) {
	d, key := first(t)
	d.clock.advance(console.FirstRunTime - time.Second)
	d.nobody().get("/admin/first-run/?key=" + key).wants(200)
	d.clock.advance(time.Second)
	d.nobody().get("/admin/first-run/?key=" + key).wants(404)
	d.nobody().post("/admin/first-run/", "key", key, "username", "eve", "new1", password, "new2", password).wants(404)
}

// A superuser who is made elsewhere, at the command line, closes the door.
func TestFirstRun_NotAfterASuperuser(t *testing.T) {
	d, key := first(t)
	d.superuser("ada")
	d.nobody().get("/admin/first-run/?key=" + key).wants(404)
	d.nobody().post("/admin/first-run/", "key", key, "username", "eve", "new1", password, "new2", password).wants(404)
	if n := d.accounts.Users(account.UserQuery{}).All; n != 1 {
		t.Errorf("there are %d users; want 1", n)
	}
}

// Only this machine's browsers may use it: nobody believes a header about that.
func TestFirstRun_OnlyLoopback(t *testing.T) {
	d, key := first(t)
	for address, want := range map[string]int{"127.0.0.1": 200, "127.3.2.1": 200, "::1": 200, "10.0.0.7": 404, "0.0.0.0": 404, "2001:db8::1": 404, "::ffff:127.0.0.1": 200} {
		b := d.nobody()
		b.from = &net.TCPAddr{IP: net.ParseIP(address), Port: 4711}
		a := b.do("GET", "/admin/first-run/?key="+key, nil, "X-Forwarded-For", "127.0.0.1", "X-Real-IP", "127.0.0.1")
		a.what += " from " + address
		a.wants(want)
	}
}

// Without a link there is nothing, with a key or not.
func TestFirstRun_NoLink(t *testing.T) {
	d := openDesk(t)
	d.nobody().get("/admin/first-run/").wants(404)
	d.nobody().get("/admin/first-run/?key=x").wants(404)
	d.nobody().post("/admin/first-run/", "key", "", "username", "eve", "new1", password, "new2", password).wants(404)
}
