package web

import (
	"testing"

	"pagesession/internal/session"
)

// A browser drops the cookie when the time is over; the page that watched says
// so. It is not believed when a cookie tells more, nor for anything else.
func TestGone_SeenToEnd(t *testing.T) {
	for _, tt := range []struct {
		query, want string
		view        session.View
	}{
		{"?was=live", "Its time ran out", session.View{}},
		{"?was=deleted", "It was deleted", session.View{}},
		{"?was=<b>", "You have no session", session.View{}},
		{"", "You have no session", session.View{}},
		{"?was=live", "You have no session", session.View{Cookie: true}},
		{"?was=live", "An operator ended it", endedView(session.Revoked)},
	} {
		app, _ := newApp(t, tt.view)
		a := ask(t, app, "GET", "/get/"+tt.query, "")
		if a.StatusCode != 200 {
			t.Errorf("GET /get/%s = %d; want 200", tt.query, a.StatusCode)
		}
		a.has(t, tt.want)
	}
}
