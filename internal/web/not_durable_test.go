package web

import (
	"fmt"
	"strings"
	"testing"

	"pagesession/session"
)

// A visitor can always sign out. When the disk does not know yet, the answer is a
// 202 that removes the cookie and says so; a form that goes back gets a warning.
func TestDel_NotOnDisk(t *testing.T) {
	const says = "not on the server’s disk yet"
	for _, method := range []string{"GET", "POST"} {
		app, f := newApp(t, liveView("Sonam"))
		f.err = fmt.Errorf("%w: disk", session.ErrNotDurable)
		a := ask(t, app, method, "/del/", "")
		if a.StatusCode != 202 || !strings.Contains(a.Header.Get("Set-Cookie"), deleted) {
			t.Errorf("%s /del/ = %d, Set-Cookie %q; want 202, %q", method, a.StatusCode, a.Header.Get("Set-Cookie"), deleted)
		}
		a.Has(says)
		a.Lacks("the server has deleted it")
	}
	app, f := newApp(t, liveView("Sonam"))
	f.err = session.ErrNotDurable
	a := ask(t, app, "POST", "/del/", "back=%2F")
	if a.StatusCode != 303 {
		t.Fatalf("POST /del/ from a form = %d; want 303", a.StatusCode)
	}
	_, notice, _ := strings.Cut(strings.Join(a.Header.Values("Set-Cookie"), "\n"), "messages=")
	notice, _, _ = strings.Cut(notice, ";")
	ask(t, app, "GET", "/", "", "Cookie: messages="+notice).Has(says)
}
