package console_test

import (
	"net/http"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

// With two live console sessions none counts: every page leads to the sign-in, which says
// so, and signing in makes a third. Nothing is ended or removed.
func TestSeveralSessions(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	one, two := d.as("ada"), d.as("ada")
	both := []testkit.Option{own, testkit.Cookie("adminid", one.Jar["adminid"]), testkit.Cookie("adminid", two.Jar["adminid"])}
	b := d.signedOut()
	a := b.Get("/admin/users/", both...)
	if a.Wants(http.StatusSeeOther); a.Leads() != "/admin/login/?next=%2Fadmin%2Fusers%2F&was=several" {
		t.Errorf("two live sessions lead to %q; want the sign-in, which says why", a.Leads())
	}
	b.Get(a.Leads(), both...).Wants(200, "several live sessions, so none of them counts")
	b.Get("/admin/session/", both...).Wants(200, `{"state":"none","reason":"several"`)
	if a := b.Post("/admin/logout/", both...); a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Leads(), "was=several") {
		t.Errorf("sign-out = %d, leads to %q; want the sign-in, which says why", a.StatusCode, a.Leads())
	}
	if len(b.Jar) != 0 {
		t.Errorf("cookies = %v; want none sent or removed", b.Jar)
	}
	b.Post("/admin/login/", append(both, testkit.Form("username", "ada", "password", password))...).Wants(http.StatusSeeOther)
	for name, c := range map[string]*browser{"one": one, "two": two, "the new one": b} {
		if a := c.get("/admin/own-sessions/"); a.StatusCode != 200 || strings.Count(a.Text, "<tr") < 4 {
			t.Errorf("session %s = %d; want live, in a list of three", name, a.StatusCode)
		}
	}
}

// Another program's adminid beside ours changes nothing, and the list still knows which
// session is this browser's.
func TestSeveralSessions_BesideForeign(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	dead := d.as("ada")
	old := dead.Jar["adminid"]
	dead.post("/admin/logout/").Wants(http.StatusSeeOther)
	for _, beside := range []string{"k3vd2q0a9p7z1xw8c6bn5m4lj2hgf0ds", old} {
		b.Get("/admin/own-sessions/", own, testkit.Cookie("adminid", beside)).Wants(200, `<span class="pill live">current</span>`)
	}
	c := d.signedOut()
	for _, name := range []string{"adminid", "adminmessages", "theme"} {
		c.Jar[name] = "anothers"
	}
	c.Get("/admin/login/", own).Wants(200)
	c.Get("/admin/", own).Wants(http.StatusSeeOther)
	if len(c.Jar) != 3 {
		t.Errorf("cookies left = %v; want another program's three", c.Jar)
	}
}
