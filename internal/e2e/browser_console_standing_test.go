package e2e

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// addViewer adds an operator with ada's password who may see sessions, by a group.
func addViewer(t *testing.T, s *server, name string) {
	t.Helper()
	if r := runCommand(s.dir, nil, "groups", "add", "watchers", "--permission", "view_session"); r.code != 0 {
		t.Fatalf("groups add = %+v", r)
	}
	cmd := command("users", "add", name, "--group", "watchers", "--password-stdin", "--data-dir", s.dir)
	cmd.Stdin = strings.NewReader(consolePassword + "\n")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("users add = %v\n%s", err, &out)
	}
}

// A dashboard whose operator may see the numbers no longer shows none, and says why. When
// another operator sets their password, all their pages leave.
func TestBrowserConsoleStanding_Denied(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada := console(t, s, 2*time.Minute)
	addViewer(t, s, "bob")
	bob := operatorAt(t, s, "bob", "/admin/")
	bob.until("a live dashboard", isLive)
	older := bob.another()
	older.before(hearing + `; delete self.EventSource`)
	older.open("/admin/")
	older.until("a dashboard without a stream", `document.querySelector('[data-status]').textContent === 'Stopped: reload this page'`)
	if r := runCommand(s.dir, nil, "groups", "change", "watchers", "--revoke", "view_session"); r.code != 0 {
		t.Fatalf("groups change = %+v", r)
	}
	bob.until("a dashboard without numbers", `!document.querySelector('[data-stream], [data-status]')`)
	bob.shows("You have no permissions in this console")
	older.until("a dashboard without numbers, also without a stream", `!document.querySelector('[data-stream], [data-status]')`)

	ada.open("/admin/settings/")
	ada.shows("Set for this server", "data-dir", "flag", "idle-timeout", "20s")
	ada.open("/admin/users/2/password/")
	ada.fill("#new1", consolePassword+"8")
	ada.fill("#new2", consolePassword+"8")
	ended := time.Now()
	ada.click("main form button.main")
	bob.isSignedOut(ended)
	older.arrives("Sign in")
}

// A page that its operator may not see any more leaves, unless it has typed text.
func TestBrowserConsoleStanding_FewerPermissions(t *testing.T) {
	t.Parallel()
	s := start(t)
	console(t, s, 2*time.Minute)
	addViewer(t, s, "bob")
	typed := operatorAt(t, s, "bob", "/admin/sessions/")
	typed.fill("main input[name=q]", "Pema")
	list := typed.another()
	list.open("/admin/sessions/")
	list.until("the page", `document.querySelector('session-clock[state~=live]')`)
	if r := runCommand(s.dir, nil, "groups", "change", "watchers", "--revoke", "view_session"); r.code != 0 {
		t.Fatalf("groups change = %+v", r)
	}
	list.arrives("Not allowed")
	if got := eval[string](typed, `document.querySelector('main input[name=q]')?.value`); got != "Pema" {
		t.Errorf("the page with typed text shows %q; want Pema", got)
	}
	list.forgive("status of 403")
	typed.forgive("status of 403")
}

// A server that starts again may require a second factor. Open pages lead those without one to
// the set-up, which goes on undisturbed.
func TestBrowserConsoleStanding_SetUp(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada := console(t, s, 2*time.Minute)
	ada.until("a live dashboard", isLive)
	s.stop()
	ada.s = startIn(t, s.dir, "--addr", s.addr, "--second-factor", "superusers")
	ada.arrives("Second factor")
	eval[bool](ada, `(self.same = true)`)
	ada.s.await("a stream for the set-up", func() bool { return ada.asked("/admin/stream/") > 0 })
	ada.s.signIn("ada", consolePassword) // the stream has had time to disturb the page
	if !eval[bool](ada, `Boolean(self.same)`) {
		t.Error("the page of the set-up was loaded again")
	}
	ada.open("/") // which does not notice the stop
	ada.forgive("status of 503", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING")
}
