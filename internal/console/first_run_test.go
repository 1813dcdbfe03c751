package console_test

import (
	"strings"
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
	b.get("/admin/first-run/").Wants(200, "Create the first operator", `name="key" value=""`)
	for _, wrong := range []string{"", key[:25] + "x", key + "A", strings.ToLower(key)} {
		b.post("/admin/first-run/", "key", wrong, "username", "ada", "new1", password, "new2", password).
			Wants(422, "not the key", `value="ada"`, `aria-describedby="key-error key-hint"`).Lacks(password)
	}
	b.post("/admin/first-run/", "key", key, "username", "a b", "email", "x", "new1", "123", "new2", "1234").
		Wants(422, "valid username", "valid email", "too short", "entirely numeric", "do not match", `value="a b"`, `value="`+key+`"`).Lacks(`value="123`)
	b.get("/admin/first-run/?key="+key).Wants(200, `name="key" value=""`) // an address is no place for a secret
	b.post("/admin/first-run/?key="+key, "username", "ada", "new1", password, "new2", password).Wants(422, "not the key")
	b.get("/admin/login/").Wants(200, "There is no operator yet.")
	on := b.get(b.post("/admin/first-run/", "key", key, "username", "ada", "new1", password, "new2", password).Wants(303).Leads())
	if on.Wants(303).Leads() != "/admin/" || b.Jar["firstrun"] != "" {
		t.Errorf("leads to %s, with cookies %v; want the dashboard, and the probe gone", on.Leads(), b.Jar)
	}
	b.get("/admin/").Wants(200, ">ada<", "Sessions", "Users")
	ada, err := d.accounts.UserByName(t.Context(), "ada")
	if err != nil || !ada.Superuser || !ada.Staff || !ada.Active || ada.LastLogin.IsZero() {
		t.Errorf("made %+v, %v", ada, err)
	}

	other := d.signedOut() // the link worked once
	other.get("/admin/first-run/").Wants(404, "This link does not work", "createsuperuser")
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
	d.signedOut().get("/admin/first-run/").Wants(200)
	d.clock.Advance(time.Second)
	d.signedOut().get("/admin/first-run/").Wants(404)
	d.signedOut().post("/admin/first-run/", "key", key, "username", "eve", "new1", password, "new2", password).Wants(404)
}

// A superuser who is made elsewhere, at the command line, closes the door.
func TestFirstRun_NotAfterASuperuser(t *testing.T) {
	d, key := first(t)
	d.superuser("ada")
	d.signedOut().get("/admin/first-run/").Wants(404)
	d.signedOut().post("/admin/first-run/", "key", key, "username", "eve", "new1", password, "new2", password).Wants(404)
	if n := must(d.accounts.Users(t.Context(), account.UserQuery{})).Total; n != 1 {
		t.Errorf("there are %d users; want 1", n)
	}
}

// A browser that keeps no cookies leaves the link as good as it was, and says so.
func TestFirstRun_ProbesTheCookie(t *testing.T) {
	d, key := first(t)
	form := []string{"key", key, "username", "ada", "email", "ada@example.org", "new1", password, "new2", password}
	b := d.signedOut()
	probe := b.get("/admin/first-run/").Header.Get("Set-Cookie")
	if want := "firstrun=1; HttpOnly; Max-Age=1800; Path=/admin/first-run/; SameSite=Lax"; probe != want {
		t.Errorf("Set-Cookie = %q; want %q", probe, want)
	}
	b.Jar = map[string]string{}
	for range 2 {
		a := b.post("/admin/first-run/", form...).Wants(422, "the link still works", `value="ada"`, `value="ada@example.org"`, `value="`+key+`"`).Lacks(password)
		if !strings.Contains(a.Header.Get("Set-Cookie"), "firstrun=1") {
			t.Errorf("%s sets no cookie for the next attempt", a.What)
		}
		b.Jar = map[string]string{}
	}
	if n := must(d.accounts.Users(t.Context(), account.UserQuery{})).Total; n != 0 {
		t.Errorf("there are %d users; want none", n)
	}
	b.get("/admin/first-run/").Wants(200)
	b.post("/admin/first-run/", form...).Wants(303)
}

// Only a browser on this machine may use it. Elsewhere a page says why, and what to do,
// the same for every key.
func TestFirstRun_OnlyLocal(t *testing.T) {
	d, key := first(t)
	for _, address := range []string{"127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"} {
		d.signedOut().Get("/admin/first-run/", testkit.From(address)).Wants(200)
	}
	header := testkit.Header
	for name, option := range map[string]testkit.Option{
		"a container's host": testkit.From("172.17.0.5"), "another machine": testkit.From("2001:db8::1"), "no address": testkit.From("0.0.0.0"),
		"another name": header("Host", "h5.test:8000"), "another address": header("Host", "10.0.0.7"),
		"a proxy": header("X-Forwarded-For", "127.0.0.1"), "a proxy's Forwarded": header("Forwarded", "for=127.0.0.1"),
		"X-Real-IP": header("X-Real-IP", "127.0.0.1"), "Via": header("Via", "1.1 squid"), "another site's link": header("Referer", "https://mail.example/"),
	} {
		var texts []string
		for _, k := range []string{key, "wrong"} {
			b := d.signedOut()
			form := testkit.Form("key", k, "username", "eve", "new1", password, "new2", password)
			for _, a := range []*testkit.Reply{b.Get("/admin/first-run/", option), b.Post("/admin/first-run/", option, own, testkit.Cookie("firstrun", "1"), form)} {
				a.What += " by " + name
				a.Wants(403, "Open this link on the server itself", "works only in a browser on the server’s own machine", "pagesession createsuperuser", "ssh -L 8000:127.0.0.1:8000 ").Lacks(key)
				texts = append(texts, a.Text)
			}
			if len(b.Jar) > 0 {
				t.Errorf("%s gets the cookies %v", name, b.Jar)
			}
		}
		if texts[0] != texts[2] || texts[1] != texts[3] {
			t.Errorf("%s: the page tells a right key from a wrong one", name)
		}
	}
	if n := must(d.accounts.Users(t.Context(), account.UserQuery{})).Total; n != 0 {
		t.Errorf("there are %d users; want none", n)
	}
	d.signedOut().get("/admin/first-run/").Wants(200) // the link is as good as before
}

// Without a link there is nothing, with a key or not.
func TestFirstRun_NoLink(t *testing.T) {
	d := openConsole(t)
	d.signedOut().get("/admin/first-run/").Wants(404)
	d.signedOut().post("/admin/first-run/", "key", "", "username", "eve", "new1", password, "new2", password).Wants(404)
}

// Operators who are signed in and open the link again go to the dashboard.
func TestFirstRun_SignedIn(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	if to := d.as("ada").get(console.FirstRunPath).Wants(303).Leads(); to != "/admin/" {
		t.Errorf("the link leads to %s; want the dashboard", to)
	}
	d.signedOut().get(console.FirstRunPath).Wants(404)
}
