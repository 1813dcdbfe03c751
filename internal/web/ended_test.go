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
		{"?was=live", "A session expires after", session.View{}},
		{"?was=deleted", "It was deleted", session.View{}},
		{"?was=idle", "It had no visit for", session.View{}},
		{"?was=absolute", "It reached its maximum length", session.View{}},
		{"?was=revoked", "An operator ended it", session.View{}},
		{"?was=absolute", "You have no session", session.View{Cookie: true}},
		{"?was=<b>", "You have no session", session.View{}},
		{"", "You have no session", session.View{}},
		{"?was=live", "You have no session", session.View{Cookie: true}},
		{"?was=live", "An operator ended it", endedView(record.Revoked)},
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
		{"/", "Your last session has ended", endedView(record.Idle)},
	} {
		app, f := newApp(t, tt.view)
		a := ask(t, app, "GET", tt.target, "")
		a.Has(tt.want)
		if calls := f.called(); calls != "peek" || a.StatusCode != 200 {
			t.Errorf("GET %s = %d, calls %q; want 200, peek", tt.target, a.StatusCode, calls)
		}
	}
}
