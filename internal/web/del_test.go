package web

import (
	"slices"
	"strings"
	"testing"

	"pagesession/session"
	"pagesession/storage/record"
)

// remembered is the cookie that says that the last session was deleted.
const remembered, forgot = "lastsession=deleted; HttpOnly; Max-Age=600; Path=/; SameSite=Lax", `lastsession=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=Lax`

// Where there is no session nothing is deleted, and the page says so. A second click, which
// finds the session that the first one ended, has deleted it.
func TestDel_NoSession(t *testing.T) {
	const none = "<h1>There was no session to delete</h1>"
	for name, tt := range map[string]struct {
		view  session.View
		holds []string
		last  bool
	}{
		"live":           {liveView("Sonam"), []string{"<h1>You session has been deleted successfully</h1>"}, true},
		"deleted before": {endedView(record.Deleted), []string{"<h1>You session has been deleted successfully</h1>"}, true},
		"none":           {session.View{}, []string{none, "This browser has no live session"}, false},
		"expired":        {endedView(record.Idle), []string{none, "It had no visit for 20 seconds."}, false},
		"unknown":        {session.View{Cookie: true}, []string{none, "The server no longer knows it"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"GET", "POST", "HEAD"} {
				app, f := newApp(t, tt.view)
				a := ask(t, app, method, "/del/", "")
				if a.StatusCode != 200 || slices.Contains(cookies(a), remembered) != (tt.last && method != "HEAD") {
					t.Errorf("%s /del/ = %d, Set-Cookie %q; want 200, and the cookie of a deletion: %v", method, a.StatusCode, cookies(a), tt.last)
				}
				if removed := slices.Contains(cookies(a), deleted); removed != (tt.view.Cookie && method != "HEAD") {
					t.Errorf("%s /del/ removes the session's cookie: %v", method, removed)
				}
				if method != "HEAD" {
					a.Has(tt.holds...)
				} else if calls := f.changes(); calls != "" {
					t.Errorf("HEAD /del/ calls %q", calls)
				}
			}
		})
	}
}

// A form gets the same as a notice.
func TestDel_NoSessionForm(t *testing.T) {
	app, _ := newApp(t, session.View{})
	a := ask(t, app, "POST", "/del/", "back=/")
	if got := sent(t, a); a.StatusCode != 303 || got != "info notice.nothing" {
		t.Errorf("POST /del/ without a session = %d, notices %q; want 303 and one that there was none", a.StatusCode, got)
	}
	app, _ = newApp(t, session.View{})
	ask(t, app, "GET", "/", "", "Cookie: messages="+sentMessages(t, a)).Has("There was no session to delete.")
}

// Nothing is asked where there is nothing to delete.
func TestDel_FromAnotherSiteWithoutASession(t *testing.T) {
	app, f := newApp(t, session.View{})
	ask(t, app, "GET", "/del/", "", "Sec-Fetch-Site: cross-site").Has("There was no session to delete")
	if calls := f.changes(); calls != "" {
		t.Errorf("it calls %q; want only a look", calls)
	}
}

// No page offers to delete what is not there.
func TestDel_NotOffered(t *testing.T) {
	for name, page := range pages(t) {
		if live := strings.Contains(page, "remaining-ms"); !live && strings.Contains(page, `action="/del/"`) && name != "get_no_end" {
			t.Errorf("%s offers to delete a session", name)
		}
	}
}

// Who goes back to the pages of a session that they have deleted reads that, until they begin
// another.
func TestDel_Back(t *testing.T) {
	const last = "Cookie: lastsession=deleted"
	for _, tt := range []struct {
		view         session.View
		target, want string
	}{
		{session.View{}, "/get/", "<h1>Your session was deleted</h1>"},
		{session.View{}, "/get/?was=live", "<h1>Your session was deleted</h1>"},
		{session.View{}, "/get/?was=idle", "<h1>Your session was deleted</h1>"},
		{session.View{}, "/?was=absolute", "<h1>Your session was deleted</h1>"},
		{session.View{}, "/", "<h2>Your session was deleted</h2>"},
		{session.View{Ambiguous: true}, "/", "Several sessions at once"},
		{endedView(record.Revoked), "/", "<h2>An operator ended your session</h2>"},
		{endedView(record.Revoked), "/get/?was=idle", "<h1>An operator ended your session</h1>"},
		{endedView(record.Revoked), "/get/", "<h1>An operator ended your session</h1>"},
		{liveView("Sonam"), "/get/", "Sonam"},
	} {
		app, _ := newApp(t, tt.view)
		ask(t, app, "GET", tt.target, "", last).Has(tt.want)
	}
	app, _ := newApp(t, session.View{})
	ask(t, app, "GET", "/get/", "", "Cookie: lastsession=x").Has("<h1>You have no session</h1>")
	if got := cookies(ask(t, app, "POST", "/set/", "name=Robin", last)); !slices.Contains(got, forgot) {
		t.Errorf("a new session sends %q; want %q among them", got, forgot)
	}
	if got := cookies(ask(t, app, "POST", "/set/", "name=Robin", "Cookie: lastsession=x")); slices.Contains(got, forgot) {
		t.Errorf("a new session deletes another program's cookie: %q", got)
	}
}
