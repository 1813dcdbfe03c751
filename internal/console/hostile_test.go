package console_test

import (
	"html"
	"maps"
	"net/url"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// hostile is what a user may type to see what happens.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' or 1=1 --`,
	`{{.User}}`,
	`javascript:alert(1)`,
	"caf\xe9", // Latin-1
	"\xff\xfe\x00",
	"line\r\nSet-Cookie: adminid=x",
	"\u202edrawkcab",
	"नमस्ते",
	strings.Repeat("a", 10_000),
	strings.Repeat("<b>", 3_000),
}

// Whatever is typed comes back as text or as a clear error: never as markup,
// never as a header, never as a broken page.
func TestHostile(t *testing.T) {
	d, bob, editors := people(t)
	b := d.as("ada")
	for _, text := range hostile {
		for what, a := range map[string]*testkit.Reply{
			"username":    b.post("/admin/users/add/", "username", text, "new1", "x", "new2", "x"),
			"e-mail":      b.post("/admin/users/add/", "username", "x", "email", text, "new1", "x", "new2", "x"),
			"name":        b.post("/admin/users/add/", "username", "x", "first_name", text, "last_name", text, "new1", "x", "new2", "x"),
			"groups":      b.post(userAt(bob, ""), whole(bob, "version", "0", "groups", text)...),
			"permissions": b.post(userAt(bob, ""), whole(bob, "version", "0", "permissions", text)...),
			"version":     b.post(userAt(bob, ""), whole(bob, "version", text)...),
			"group":       b.post(groupAt(editors, ""), "name", text),
			"ids":         b.post("/admin/users/delete/", "id", text),
			"search":      b.get("/admin/users/?q=" + url.QueryEscape(text)),
			"parameters":  b.get("/admin/users/?active=" + url.QueryEscape(text) + "&group=" + url.QueryEscape(text) + "&o=" + url.QueryEscape(text) + "&p=" + url.QueryEscape(text)),
			"groups'":     b.get("/admin/groups/?q=" + url.QueryEscape(text)),
			"log":         b.get("/admin/log/?actor=" + url.QueryEscape(text) + "&kind=user&object=" + url.QueryEscape(text) + "&from=" + url.QueryEscape(text)),
			"login":       d.signedOut().post("/admin/login/", "username", text, "password", text, "next", text),
			"next":        d.signedOut().get("/admin/login/?next=" + url.QueryEscape(text) + "&was=" + url.QueryEscape(text)),
			"path":        b.get("/admin/users/" + url.PathEscape(text) + "/"),
		} {
			a.What = what + " of " + cut(text)
			switch a.StatusCode {
			case 200, 303, 400, 403, 404, 409, 422, 429:
			default:
				t.Errorf("%s = %d; want a page or a clear error", a.What, a.StatusCode)
			}
			if a.StatusCode == 303 && (what == "groups" || what == "permissions") {
				t.Errorf("%s was taken", a.What)
			}
			if strings.Contains(a.Text, text) && text != html.EscapeString(text) {
				t.Errorf("%s comes back as it was", a.What)
			}
			a.Lacks("<script>alert", "<img src=x", "\xe9", "\xff", "\x00", "<b><b>", "ZgotmplZ")
			if strings.Contains(a.Header.Get("Set-Cookie"), "adminid=x") {
				t.Errorf("%s became a header", a.What)
			}
		}
	}
	if log := d.log.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "panic") {
		t.Errorf("the log says %.2000s", log)
	}
}

// So do codes, and the cookies of a sign-in and a set-up.
func TestHostile_SecondFactor(t *testing.T) {
	d, _ := withApp(t)
	d.staff("bob")
	half, bob := d.halfway("ada"), d.as("bob")
	ticket := ticketOnPage.FindStringSubmatch(half.get("/admin/login/second/").Text)[1]
	bob.post("/admin/second-factor/app/", "old", password).Wants(303)
	with := func(b *browser, cookie, value string) *browser {
		other := d.signedOut()
		maps.Copy(other.Jar, b.Jar)
		other.Jar[cookie] = value
		return other
	}
	for _, text := range hostile {
		for what, a := range map[string]*testkit.Reply{
			"code":           half.post("/admin/login/second/", "ticket", ticket, "code", text),
			"form's ticket":  half.post("/admin/login/second/", "ticket", text, "code", text),
			"ticket":         with(half, "adminticket", text).post("/admin/login/second/", "ticket", ticket, "code", text),
			"password":       bob.post("/admin/second-factor/app/", "old", text),
			"code of an app": bob.post("/admin/second-factor/app/scan/", "code", text),
			"set-up":         with(bob, "admintotp", text).get("/admin/second-factor/app/scan/"),
			"new codes":      with(bob, "admincodes", text).get("/admin/second-factor/recovery-codes/new/"),
		} {
			a.What = what + " of " + cut(text)
			if a.StatusCode != 200 && a.StatusCode != 303 && (a.StatusCode < 403 || a.StatusCode > 429) {
				t.Errorf("%s = %d; want a page or a clear error", a.What, a.StatusCode)
			}
			a.Lacks("<script>alert", "<img src=x", "\xe9", "\xff", "\x00", "<b><b>", "ZgotmplZ", text)
		}
	}
	if log := d.log.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "panic") {
		t.Errorf("the log says %.2000s", log)
	}
}

func cut(s string) string { return s[:min(len(s), 30)] }

// A user's name that is allowed and looks like markup is text everywhere.
func TestHostile_Names(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	const name = `<i>"O'Neil"&amp;</i>`
	group, err := d.accounts.CreateGroup(t.Context(), owner, account.Group{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	eve := d.add(account.User{Username: "eve", FirstName: name, LastName: name, Staff: true, Groups: []uint64{group.ID}})
	b := d.as("ada")
	for _, path := range []string{"/admin/users/", userAt(eve, ""), userAt(eve, "delete/"), "/admin/groups/", groupAt(group, ""), groupAt(group, "delete/"), groupAt(group, "history/"), "/admin/log/"} {
		b.get(path).Wants(200, "&lt;i&gt;").Lacks("<i>")
	}
}

// A GET with the fields of a form changes nothing, nor does a HEAD.
func TestMethods_QueryIsNoForm(t *testing.T) {
	d, bob, editors := people(t)
	b := d.as("ada")
	query := "?username=mallory&name=mallory&new1=" + url.QueryEscape(password) + "&new2=" + url.QueryEscape(password) + "&is_superuser=on"
	for _, path := range []string{"/admin/users/add/", userAt(bob, ""), userAt(bob, "password/"), userAt(bob, "delete/"), "/admin/groups/add/", groupAt(editors, ""), groupAt(editors, "delete/"), "/admin/users/", "/admin/groups/", "/admin/log/"} {
		b.get(path + query).Wants(200).Lacks("correct horse")
		b.Do("HEAD", path+query, own).Wants(200)
		b.post(path + query).Lacks("correct horse")
	}
	if u, err := d.accounts.UserByName(t.Context(), "mallory"); err == nil {
		t.Errorf("a query made %+v", u)
	}
}
