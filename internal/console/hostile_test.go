package console_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"pagesession/internal/account"
)

// hostile is what somebody may type to see what happens.
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
		for what, a := range map[string]*answer{
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
			"login":       d.nobody().post("/admin/login/", "username", text, "password", text, "next", text),
			"next":        d.nobody().get("/admin/login/?next=" + url.QueryEscape(text) + "&was=" + url.QueryEscape(text)),
			"path":        b.get("/admin/users/" + url.PathEscape(text) + "/"),
		} {
			a.t, a.what = t, what+" of "+cut(text)
			switch a.status() {
			case 200, 303, 400, 403, 404, 409, 422, 429:
			default:
				t.Errorf("%s = %d; want a page or a clear error", a.what, a.status())
			}
			if a.status() == 303 && (what == "groups" || what == "permissions") {
				t.Errorf("%s was taken", a.what)
			}
			if strings.Contains(a.body(), text) && text != html.EscapeString(text) {
				t.Errorf("%s comes back as it was", a.what)
			}
			a.lacks("<script>alert", "<img src=x", "\xe9", "\xff", "\x00", "<b><b>", "ZgotmplZ")
			if strings.Contains(a.header("Set-Cookie"), "adminid=x") {
				t.Errorf("%s became a header", a.what)
			}
		}
	}
	if log := d.log.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "panic") {
		t.Errorf("the log says %.2000s", log)
	}
}

func cut(s string) string { return s[:min(len(s), 30)] }

// A name of somebody that is allowed and looks like markup is text everywhere.
func TestHostile_Names(t *testing.T) {
	d := openDesk(t)
	d.superuser("ada")
	const name = `<i>"O'Neil"&amp;</i>`
	group, err := d.accounts.CreateGroup(owner, account.Group{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	eve := d.add(account.User{Username: "eve", FirstName: name, LastName: name, Staff: true, Groups: []uint64{group.ID}})
	b := d.as("ada")
	for _, path := range []string{"/admin/users/", userAt(eve, ""), userAt(eve, "delete/"), "/admin/groups/", groupAt(group, ""), groupAt(group, "delete/"), groupAt(group, "history/"), "/admin/log/"} {
		b.get(path).wants(200, "&lt;i&gt;").lacks("<i>")
	}
}

// A post that does not prove where it comes from changes nothing, whoever sends
// it and wherever it goes.
func TestProofOfOrigin_EveryForm(t *testing.T) {
	d, bob, editors := people(t)
	b := d.as("ada")
	for _, path := range []string{
		"/admin/users/add/", "/admin/users/delete/", userAt(bob, ""), userAt(bob, "password/"), userAt(bob, "delete/"),
		"/admin/groups/add/", "/admin/groups/delete/", groupAt(editors, ""), groupAt(editors, "delete/"),
		"/admin/password/", "/admin/own-sessions/end-others/", "/admin/logout/", "/admin/login/", "/admin/theme/", "/admin/first-run/", "/admin/session/refresh/",
	} {
		form := fields([]string{"username", "mallory", "name", "mallory", "new1", password, "new2", password, "id", "1", "theme", "dark"})
		for _, headers := range [][]string{nil, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://evil.example"}, {"Origin", "https://localhost:8001"}, {"Referer", "http://localhost:8000/admin/"}} {
			a := b.do("POST", path, form, headers...)
			a.what += " with " + strings.Join(headers, ": ")
			a.wants(403, "Not allowed")
		}
	}
	if u, _ := d.accounts.User(bob.ID); u.Username != "bob" || d.accounts.Users(account.UserQuery{}).All != 12 {
		t.Error("something was changed")
	}
	b.get("/admin/").wants(200)
}

// A GET with the fields of a form changes nothing, nor does a HEAD; other methods
// are refused.
func TestMethods(t *testing.T) {
	d, bob, editors := people(t)
	b := d.as("ada")
	query := "?username=mallory&name=mallory&new1=" + url.QueryEscape(password) + "&new2=" + url.QueryEscape(password) + "&is_superuser=on"
	for _, path := range []string{"/admin/users/add/", userAt(bob, ""), userAt(bob, "password/"), userAt(bob, "delete/"), "/admin/groups/add/", groupAt(editors, ""), groupAt(editors, "delete/"), "/admin/users/", "/admin/groups/", "/admin/log/"} {
		b.get(path + query).wants(200).lacks("correct horse")
		if a := b.do("HEAD", path+query, nil); a.status() != 200 {
			t.Errorf("%s = %d; want 200", a.what, a.status())
		}
		for _, method := range []string{"PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT"} {
			b.do(method, path, nil, "Sec-Fetch-Site", "same-origin").wants(405)
			d.nobody().do(method, path, nil).wants(303).lacks("<h1>")
		}
		b.post(path + query).lacks("correct horse")
	}
	if u, err := d.accounts.UserByName("mallory"); err == nil {
		t.Errorf("a query made %+v", u)
	}
}
