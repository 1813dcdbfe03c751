package web

import (
	"testing"

	"pagesession/session"
)

// With the cookies of several live sessions no session counts. Each page says so, nothing
// is sent or ended, and only /set/ makes a session.
func TestSeveralSessions(t *testing.T) {
	several := session.View{Cookie: true, Ambiguous: true}
	const page, json = "Several sessions at once", `{"state":"none","reason":"several"`
	for _, tt := range []struct {
		method, target, body string
		err                  error
		status               int
		has                  string
	}{
		{"GET", "/", "", nil, 200, page},
		{"GET", "/?was=live", "", nil, 200, page},
		{"GET", "/get/", "", nil, 200, page},
		{"GET", "/get/?was=live", "", nil, 200, page},
		{"GET", "/del/", "", session.ErrAmbiguous, 409, page},
		{"POST", "/del/", "back=/", session.ErrAmbiguous, 409, page},
		{"POST", "/session/timeout/", "timeout=60", nil, 409, page},
		{"GET", "/session/", "", nil, 200, json},
		{"POST", "/session/refresh/", "", nil, 401, json},
	} {
		app, f := newApp(t, several)
		f.err = tt.err
		a := ask(t, app, tt.method, tt.target, tt.body)
		if a.StatusCode != tt.status {
			t.Errorf("%s %s = %d; want %d", tt.method, tt.target, a.StatusCode, tt.status)
		}
		a.Has(tt.has)
	}
	app, _ := newApp(t, several)
	a := ask(t, app, "POST", "/set/", "name=Robin&was=live")
	a.Has("Session setting up", "Robin")
	a.Lacks("Your earlier session had ended")
	if got := cookies(a); len(got) != 1 || got[0] != made {
		t.Errorf("POST /set/ sends %q; want a new session's cookie", got)
	}
}
