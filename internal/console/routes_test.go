package console_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// These tests go through the route table: a new page is in all of them.

// A place is a route with a user, a group or a session in its address.
type place struct {
	console.Route
	path string
	id   string // of the visitor's session, which no page may show
}

// places are all routes of a console that has one of everything.
func (d *fixture) places(bob account.User, editors account.Group) []place {
	d.t.Helper()
	id := d.visitorID("Pema")
	var all []place
	for _, at := range console.Routes() {
		all = append(all, placeOf(at, bob, editors, id))
	}
	return all
}

func placeOf(at console.Route, bob account.User, editors account.Group, visitor string) place {
	object := fmt.Sprint(bob.ID)
	if strings.HasPrefix(at.Path, "/admin/groups/") {
		object = fmt.Sprint(editors.ID)
	}
	handle := record.KeyOf(visitor).Handle().String()
	return place{at, strings.NewReplacer(":id", object, ":handle", handle).Replace(at.Path), visitor}
}

// public are the addresses that answer before the sign-in. A page must not get in
// here by mistake.
var public = []string{"/admin/login/", "/admin/login/second/", "/admin/login/second/passkey/", "/admin/login/second/passkey/options/",
	"/admin/login/passkey/", "/admin/login/passkey/options/", "/admin/logout/", "/admin/theme/", "/admin/first-run/", "/admin/session/", "/admin/session/refresh/", "/admin/wall/screen/"}

// A request gets what its operator has access to, and nothing else: before the
// sign-in the sign-in page, whatever the method; without the access 403; a method
// that there is not 405.
func TestRoutes_Access(t *testing.T) {
	d, bob, editors := people(t)
	d.staff("sviewer", account.ViewSession)
	d.staff("sender", account.DeleteSession)
	browsers := map[string]*browser{}
	for _, u := range must(d.accounts.Users(t.Context(), account.UserQuery{Limit: 100})).Users {
		browsers[u.Username] = d.as(u.Username)
	}
	for _, at := range d.places(bob, editors) {
		if at.Public != slices.Contains(public, at.path) {
			t.Errorf("%s: public is %v", at.path, at.Public)
		}
		if at.Public {
			continue
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} {
			for _, path := range []string{at.path, at.slashless()} {
				a := d.signedOut().Do(method, path, own)
				if a.Wants(303).Lacks("<h1>", "Pema"); !strings.HasPrefix(a.Leads(), "/admin/login/") {
					t.Errorf("%s leads to %s; want the login page", a.What, a.Leads())
				}
			}
		}
		for name, b := range browsers {
			u, _ := d.accounts.UserByName(t.Context(), name)
			at.wants(t, u, b)
		}
	}
}

// wants asks for the place in every way that changes nothing.
func (at *place) wants(t *testing.T, u account.User, b *browser) {
	t.Helper()
	as := func(a *testkit.Reply) *testkit.Reply {
		a.What = u.Username + ": " + a.What
		return a
	}
	if !at.Admits(u) {
		as(b.get(at.path)).Wants(403, "Not allowed").Lacks("Pema", "bob@example.org")
		as(b.post(at.path)).Wants(403)
		as(b.get(at.slashless())).Wants(403)
		as(b.post(at.slashless())).Wants(403)
		return
	}
	at.wantsSlash(t, as(b.get(at.slashless()+"?x=1")).Wants(301))
	if at.Post {
		at.wantsSlash(t, as(b.post(at.slashless()+"?x=1")).Wants(308))
	} else {
		as(b.post(at.slashless())).Wants(405)
	}
	for method, there := range map[string]bool{"GET": at.Get, "HEAD": at.Get, "POST": at.Post, "PUT": false, "OPTIONS": false} {
		if there {
			continue
		}
		if a := as(b.Do(method, at.path, own)).Wants(405); a.Header.Get("Allow") != at.allow() {
			t.Errorf("%s: Allow is %q; want %q", a.What, a.Header.Get("Allow"), at.allow())
		}
	}
}

// slashless is the address as people type it.
func (at *place) slashless() string { return strings.TrimSuffix(at.path, "/") }

// wantsSlash holds that a redirect leads to the address with its slash.
func (at *place) wantsSlash(t *testing.T, a *testkit.Reply) {
	t.Helper()
	if a.Leads() != at.path+"?x=1" {
		t.Errorf("%s leads to %s; want the address with its slash", a.What, a.Leads())
	}
}

func (at *place) allow() string {
	return map[[2]bool]string{{true, false}: "GET, HEAD", {false, true}: "POST", {true, true}: "GET, HEAD, POST"}[[2]bool{at.Get, at.Post}]
}

// No page shows what opens a session, nor the whole key, of which a handle is a
// half; no page is kept by a browser or a proxy; HEAD answers as GET does.
func TestRoutes_EveryPage(t *testing.T) {
	d, bob, editors := people(t)
	b := d.as("ada")
	for _, at := range d.places(bob, editors) {
		if !at.Get || at.path == "/admin/stream/" {
			continue
		}
		key := sha256.Sum256([]byte(at.id))
		a := b.get(at.path).Lacks(at.id, hex.EncodeToString(key[:]), b.Jar["adminid"], "ZgotmplZ")
		if a.StatusCode >= 500 {
			t.Errorf("%s = %d", a.What, a.StatusCode)
		}
		if a.Header.Get("Cache-Control") != "no-store" || !strings.Contains(a.Header.Get("Vary"), "Cookie") {
			t.Errorf("%s: Cache-Control %q, Vary %q; want no-store and Cookie", a.What, a.Header.Get("Cache-Control"), a.Header.Get("Vary"))
		}
		if kind := a.Header.Get("Content-Type"); a.Text != "" && !strings.HasSuffix(kind, "; charset=utf-8") {
			t.Errorf("%s: Content-Type %q; want one with charset=utf-8", a.What, kind)
		}
		if strings.Contains(a.Text, "<main") && (strings.Count(a.Text, "<h1>") != 1 || !strings.Contains(a.Text, "</html>")) {
			t.Errorf("%s is no whole page:\n%s", a.What, a.Text)
		}
		if strings.Contains(a.Text, "<main") && !slices.Contains(public, at.path) && !strings.Contains(a.Text, `action="/admin/logout/"`) {
			t.Errorf("%s has no button to sign out", a.What)
		}
		if head := b.Do("HEAD", at.path, own); head.StatusCode != a.StatusCode || head.Text != "" {
			t.Errorf("%s = %d %q; want %d", head.What, head.StatusCode, head.Text, a.StatusCode)
		}
	}
}

// A GET changes nothing but the time of the operator's own session, whatever its query,
// because a link on any site can send one with the operator's cookie.
func TestRoutes_GetChangesNothing(t *testing.T) {
	d, bob, editors := people(t)
	b := d.as("ada")
	const query = "?username=mallory&name=mallory&new1=correct+horse+battery+7&new2=correct+horse+battery+7&id=1&theme=dark&words=END+ALL+1&live=1&sure=yes&is_active=&_method=POST&key=x"
	places := d.places(bob, editors)
	state := func() string {
		users, groups := must(d.accounts.Users(t.Context(), account.UserQuery{Limit: 100})), must(d.accounts.Groups(t.Context(), account.GroupQuery{Limit: 100}))
		return fmt.Sprint(users, groups, len(d.entries(account.EntryQuery{})), d.visitors.Stats().Sessions, d.operator.Stats().Sessions)
	}
	before := state()
	for _, at := range places {
		if !at.Get || at.path == "/admin/stream/" {
			continue
		}
		for _, path := range []string{at.path, at.path + query, at.slashless() + query} {
			a := b.Get(path, testkit.Header("Sec-Fetch-Site", "cross-site"), testkit.Header("Referer", "https://evil.example/"))
			if set := a.Header.Get("Set-Cookie"); a.StatusCode >= 500 || set != "" && !strings.HasPrefix(set, "adminid="+b.Jar["adminid"]+";") {
				t.Errorf("%s = %d, Set-Cookie %q; want no cookie but the session's own", a.What, a.StatusCode, set)
			}
			if after := state(); after != before {
				t.Fatalf("%s changed something:\n%s\n%s", a.What, before, after)
			}
		}
	}
	b.get("/admin/").Wants(200, ">ada<")
}

// A form that does not prove that it comes from a page of the console, or that is
// compressed, changes nothing, wherever it goes.
func TestRoutes_CrossSite(t *testing.T) {
	d, bob, editors := people(t)
	b := d.as("ada")
	form := testkit.Form("username", "mallory", "name", "mallory", "new1", password, "new2", password, "id", "1", "theme", "dark", "words", "END ALL 1", "live", "1", "sure", "yes")
	places := d.places(bob, editors)
	before := [2]int{must(d.accounts.Users(t.Context(), account.UserQuery{})).Total, int(d.visitors.Stats().Sessions)}
	jar := maps.Clone(b.Jar)
	for _, at := range places {
		if !at.Post {
			continue
		}
		for _, header := range [][2]string{{"X-None", "x"}, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}, {"Origin", "null"}, {"Origin", "https://localhost:8001"}, {"Referer", "http://localhost/admin/"}} {
			for _, path := range []string{at.path, at.slashless()} {
				a := b.Post(path, form, testkit.Header(header[0], header[1]))
				a.What += " with " + header[0] + ": " + header[1]
				a.Wants(403, "Not allowed")
			}
		}
		b.Post(at.path, form, own, testkit.Header("Content-Encoding", "gzip")).Wants(415, "Unsupported form")
	}
	if after := [2]int{must(d.accounts.Users(t.Context(), account.UserQuery{})).Total, int(d.visitors.Stats().Sessions)}; after != before || !maps.Equal(b.Jar, jar) {
		t.Errorf("%v users and sessions, of %v; cookies %v", after, before, b.Jar)
	}
	b.Post("/admin/own-sessions/end-others/", testkit.Form("old", password), testkit.Header("Origin", "http://localhost")).Wants(303)
}
