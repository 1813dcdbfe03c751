package web

import (
	"testing"

	"pagesession/session"
	"pagesession/storage/record"
)

// A browser drops the cookie when the session expires; the page that watched says
// so. It is not believed when a cookie tells more, nor for anything else.
func TestGone_SeenToEnd(t *testing.T) {
	for _, tt := range []struct {
		query, want string
		view        session.View
	}{
		{"?was=live", "<h1>Your session has Expired...</h1>", session.View{}},
		{"?was=deleted", "<h1>Your session was deleted</h1>", session.View{}},
		{"?was=idle", "It had no visit for", session.View{}},
		{"?was=absolute", "<h1>Your session has reached its maximum length</h1>", session.View{}},
		{"?was=revoked", "<h1>An operator ended your session</h1>", session.View{}},
		{"?was=absolute", "<h1>Your session has ended</h1>", session.View{Cookie: true}},
		{"?was=<b>", "You have no session", session.View{}},
		{"", "You have no session", session.View{}},
		{"?was=live", "<h1>Your session has ended</h1>", session.View{Cookie: true}},
		{"?was=live", "<h1>An operator ended your session</h1>", endedView(record.Revoked)},
	} {
		app, _ := newApp(t, tt.view)
		a := ask(t, app, "GET", "/get/"+tt.query, "")
		if a.StatusCode != 200 {
			t.Errorf("GET /get/%s = %d; want 200", tt.query, a.StatusCode)
		}
		a.Has(tt.want)
	}
}

// A page without scripts moves on to the home page when its time is up. The home page
// peeks and never extends the session. It shows the ended page to visitors who come
// that way, and itself to all others.
func TestHome_Was(t *testing.T) {
	for _, tt := range []struct {
		target, want string
		view         session.View
	}{
		{"/?was=live", "A session expires after", session.View{}},
		{"/?was=live", "It had no visit for", endedView(record.Idle)},
		{"/?was=live", "Your session is live", liveView("Sonam")},
		{"/?was=<b>", "You have no session", session.View{}},
		{"/", "<h2>Your session has Expired...</h2>", endedView(record.Idle)},
	} {
		app, f := newApp(t, tt.view)
		a := ask(t, app, "GET", tt.target, "")
		a.Has(tt.want)
		if calls := f.called(); calls != "peek" || a.StatusCode != 200 {
			t.Errorf("GET %s = %d, calls %q; want 200, peek", tt.target, a.StatusCode, calls)
		}
	}
}

// Only a timeout is "Your session has Expired...".
func TestGone_HeadingAgreesWithTheReason(t *testing.T) {
	for why, want := range map[record.Reason]string{
		record.Idle: "Your session has Expired...", record.Absolute: "Your session has reached its maximum length",
		record.Deleted: "Your session was deleted", record.Revoked: "An operator ended your session",
		record.Replaced: "Your session was replaced", record.NoReason: "Your session has ended",
	} {
		app, _ := newApp(t, endedView(why))
		a := ask(t, app, "GET", "/get/", "")
		a.Has("<h1>" + want + "</h1>")
		if why != record.Idle {
			a.Lacks("Expired")
		}
	}
}

// An id that the server no longer knows is a session that has ended, on pages and for scripts.
func TestKnown(t *testing.T) {
	unknown := session.View{Cookie: true}
	for _, tt := range []struct{ method, target, want string }{
		{"GET", "/get/", "<h1>Your session has ended</h1>"},
		{"GET", "/", "<h2>Your session has ended</h2>"},
		{"GET", "/session/", `"state":"ended","reason":""`},
		{"POST", "/session/refresh/", `{"state":"ended","reason":""}`},
		{"POST", "/session/timeout/?timeout=60", "<h1>That time cannot be chosen</h1>"},
	} {
		app, _ := newApp(t, unknown)
		ask(t, app, tt.method, tt.target, "").Has(tt.want)
	}
}
