package console_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/monitor"
	"pagesession/internal/testkit"
)

const (
	wallAt   = "/admin/wall/"
	screenAt = "/admin/wall/screen/"
)

// walls opens a console with an operator who may see only the wall screen.
func walls(t *testing.T) (*fixture, account.User) {
	t.Helper()
	d := openConsole(t)
	kiosk := d.staff("kiosk", account.ViewWall)
	d.monitor.add(monitor.Counters{Sessions: 4711})
	return d, kiosk
}

// wall is a browser with a wall screen, signed out of the console.
func (d *fixture) wall(name string) *browser {
	d.t.Helper()
	b := d.as(name)
	if a := b.post(wallAt, "leave", "on").Wants(303); a.Leads() != screenAt {
		d.t.Errorf("opening the wall screen leads to %s; want %s", a.Leads(), screenAt)
	}
	b.get(screenAt).Wants(200)
	return b
}

// The wall screen has numbers, and no name, session, address of a page or form.
func TestWall_NumbersOnly(t *testing.T) {
	d, _ := walls(t)
	h := d.visitor("Pema")
	b := d.wall("kiosk")
	a := b.get(screenAt).Wants(200, "4\u202f711", "Live sessions", "Refreshes", "Created", "Ended", "No problems", `<path class="c1" d="M`, `http-equiv="refresh"`)
	a.Lacks("kiosk", "Pema", h.Fingerprint(), "<form", "<button", "<a ", "session-clock", "adminid")
	if got := a.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("Cache-Control is %q; want no-store", got)
	}
	if got := a.Header.Values("Set-Cookie"); len(got) > 0 {
		t.Errorf("the screen sets %q; want no cookie", got)
	}
}

// Opening needs the permission and a form of the console. It is in the audit log, and signs out of
// the console only the operator who chose that.
func TestWall_Opens(t *testing.T) {
	d, _ := walls(t)
	d.superuser("ada")
	d.staff("viewer", account.ViewSession, account.ViewLogEntry)
	d.run(t, []scenario{
		{path: wallAt, status: 303, leads: "/admin/login/?next=%2Fadmin%2Fwall%2F"},
		{path: screenAt, status: 303, leads: "/admin/login/?next=%2Fadmin%2Fwall%2F", lacks: []string{"4\u202f711"}},
		{who: "viewer", path: wallAt, status: 403},
		{who: "viewer", method: "POST", path: wallAt, form: []string{}, status: 403},
		{who: "viewer", path: "/admin/", status: 200, lacks: []string{"Wall screen"}},
		{who: "kiosk", path: "/admin/", status: 200, contains: []string{`<a href="/admin/wall/">Wall screen</a>`}, lacks: []string{"You have no permissions", "4\u202f711"}},
		{who: "kiosk", path: wallAt, status: 200, contains: []string{"Sign me out of the console in this browser"}},
		{who: "kiosk", path: screenAt, status: 303, lacks: []string{"4\u202f711"}}, // an ordinary session is none of a screen
	})
	if a := d.as("ada").Post(wallAt, testkit.Header("Sec-Fetch-Site", "cross-site"), testkit.Form()); a.StatusCode != 403 {
		t.Errorf("a form of another site = %d; want 403", a.StatusCode)
	}
	stays := d.as("ada")
	stays.post(wallAt).Wants(303)
	stays.get("/admin/").Wants(200)
	stays.get(screenAt).Wants(200)
	leaves := d.wall("ada")
	leaves.get("/admin/").Wants(303)
	d.as("ada").get("/admin/log/").Wants(200, "ada</b> opened a wall screen")
	d.as("ada").get("/admin/own-sessions/").Wants(200, "wall screen</span>", "You have 6 sessions")
}

// The session of a wall screen lasts 30 days without use, and an open screen extends no session
// of the console.
func TestWall_Lasts(t *testing.T) {
	d, _ := walls(t)
	d.superuser("ada")
	b := d.as("ada")
	b.post(wallAt).Wants(303)
	for range 3 {
		d.clock.Advance(6 * time.Minute)
		b.get(screenAt).Wants(200)
	}
	b.get("/admin/").Wants(303)
	d.clock.Advance(console.WallLife - 19*time.Minute)
	b.get(screenAt).Wants(200)
	d.clock.Advance(2 * time.Minute)
	if a := b.get(screenAt).Wants(303); !strings.Contains(a.Leads(), "was=") {
		t.Errorf("an expired screen leads to %s; want the reason", a.Leads())
	}
}

// The session of a wall screen opens nothing else, also not under the name of the console's
// cookie, and the console's session opens no screen under that of the screen.
func TestWall_OpensNothingElse(t *testing.T) {
	d, _ := walls(t)
	d.superuser("ada")
	for _, path := range []string{"/admin/", "/admin/stream/", "/admin/day/", wallAt, "/admin/users/", "/admin/sessions/", "/admin/log/", "/admin/settings/", "/admin/backups/", "/admin/own-sessions/"} {
		b := d.signedOut()
		b.Jar["adminid"] = d.wall("ada").Jar["adminwall"]
		b.get(path).Wants(303).Lacks("ada")
	}
	wall := d.wall("ada")
	stolen := d.signedOut()
	stolen.Jar["adminid"] = wall.Jar["adminwall"]
	stolen.get("/admin/users/").Wants(303).Lacks("kiosk")
	wall.get(screenAt).Wants(303) // and was ended for that
	operator := d.as("ada")
	operator.Jar["adminwall"] = operator.Jar["adminid"]
	operator.get(screenAt).Wants(303).Lacks("4\u202f711")
}

// A screen ends with the permission, the password, the account, and when its operator ends their
// sessions. It says so at the sign-in, which leads back.
func TestWall_Ends(t *testing.T) {
	for what, end := range map[string]func(d *fixture, kiosk account.User) error{
		"the permission": func(d *fixture, kiosk account.User) error {
			kiosk.Permissions, kiosk.Version = []account.Permission{account.ViewSession}, 0
			_, err := d.accounts.UpdateUser(d.t.Context(), owner, kiosk)
			return err
		},
		"the password": func(d *fixture, kiosk account.User) error {
			_, err := d.accounts.SetPassword(d.t.Context(), owner, kiosk.ID, password+"8")
			return err
		},
		"the account": func(d *fixture, kiosk account.User) error {
			kiosk.Active, kiosk.Version = false, 0
			_, err := d.accounts.UpdateUser(d.t.Context(), owner, kiosk)
			return err
		},
		"the user": func(d *fixture, kiosk account.User) error {
			return d.accounts.DeleteUsers(d.t.Context(), owner, kiosk.ID)
		},
		"their sessions": func(d *fixture, kiosk account.User) error {
			d.as("kiosk").post("/admin/own-sessions/end-others/", "old", password).Wants(303)
			return nil
		},
	} {
		t.Run(what, func(t *testing.T) {
			d, kiosk := walls(t)
			d.superuser("ada")
			b := d.wall("kiosk")
			if err := end(d, kiosk); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the script asks, then the browser
				if a := b.get(screenAt).Wants(303).Lacks("4\u202f711"); a.Leads() != "/admin/login/?next=%2Fadmin%2Fwall%2F&was=revoked" {
					t.Errorf("after the end of %s the screen leads to %s; want the sign-in, and the reason", what, a.Leads())
				}
			}
			if live := d.operator.Stats().Sessions; what == "the permission" && live != 0 {
				t.Errorf("%d sessions are live; want none", live)
			}
		})
	}
}

// An operator ends one of their screens on “Your sessions”, and nothing else by that form. One who
// may end others' sessions finds the screens in the list of all.
func TestWall_EndsAlone(t *testing.T) {
	d, _ := walls(t)
	d.superuser("ada")
	d.staff("guard", account.DeleteConsole)
	first, second := d.wall("kiosk"), d.wall("kiosk")
	kiosk, ada := d.as("kiosk"), d.as("ada")
	page := kiosk.get("/admin/own-sessions/").Wants(200, "You have 3 sessions")
	own := handlesIn(page.Text)
	if len(own) != 2 {
		t.Fatalf("the page ends %q; want the two screens", own)
	}
	const end = "/admin/own-sessions/end-wall/"
	ada.post(end, "handle", own[0]).Wants(303) // another one's
	ada.get("/admin/own-sessions/").Wants(200, "Nothing was ended", "You have 1 session ").Lacks("end-wall")
	kiosk.post(end, "handle", "x").Wants(400)
	operator := handlesIn(d.as("guard").get(consolesAt + "?q=kiosk").Wants(200).Text)
	for _, h := range operator {
		if !slices.Contains(own, h) {
			kiosk.post(end, "handle", h).Wants(303) // the session of the console
		}
	}
	kiosk.get("/admin/own-sessions/").Wants(200, "Nothing was ended", "You have 3 sessions")
	kiosk.post(end, "handle", own[0]).Wants(303)
	kiosk.get("/admin/own-sessions/").Wants(200, "The wall screen was ended.", "You have 2 sessions")
	if one, two := first.get(screenAt).StatusCode, second.get(screenAt).StatusCode; one+two != 503 {
		t.Errorf("the screens answer %d and %d; want one 303 and one 200", one, two)
	}
	ada.get("/admin/log/").Wants(200, "<b>kiosk</b> ended 1 wall screen<")

	guard := d.as("guard")
	guard.get(consolesAt+"?q=kiosk").Wants(200, "wall screen</span> <button form=\"end-wall\"")
	guard.post(consolesAt+"end/", "handle", own[1]).Wants(200, "Wall screens show no numbers any more", "wall screen opened").Lacks("signed out at once")
	guard.post(consolesAt+"end/", "handle", own[1], "sure", "yes").Wants(303)
	for _, b := range []*browser{first, second} {
		b.get(screenAt).Wants(303)
	}
	kiosk.get("/admin/own-sessions/").Wants(200, "You have 1 session ").Lacks("wall screen</span>")
	d.wall("ada")
	guard.get(consolesAt+"?q=ada").Wants(200, "wall screen</span></th>") // of a superuser
}

// A user has five screens. Another one ends the oldest, and no session of the console, and a
// sign-in ends no screen.
func TestWall_FiveOfAUser(t *testing.T) {
	d, _ := walls(t)
	d.superuser("ada")
	operator := d.as("ada")
	var all []*browser
	for range 6 {
		b := d.as("ada")
		b.post(wallAt, "leave", "on").Wants(303)
		all = append(all, b)
		d.clock.Advance(time.Second)
	}
	for range 5 {
		d.as("ada")
	}
	if a := all[0].get(screenAt).Wants(303); !strings.HasSuffix(a.Leads(), "was=replaced") {
		t.Errorf("the oldest screen leads to %s; want that it was replaced", a.Leads())
	}
	for _, b := range all[1:] {
		b.get(screenAt).Wants(200)
	}
	operator.get("/admin/").Wants(303) // replaced by the five sign-ins
	again := all[5]
	again.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	again.post(wallAt, "leave", "on").Wants(303)
	again.get(screenAt).Wants(200)
	all[1].get(screenAt).Wants(200) // the browser's own screen was replaced
}

// While the accounts are unavailable the screen is a 503 without numbers, and goes on afterwards.
func TestWall_AccountsAway(t *testing.T) {
	d, _ := walls(t)
	b := d.wall("kiosk")
	_ = d.accounts.Close()
	b.get(screenAt).Wants(503).Lacks("4\u202f711")
	if b.Jar["adminwall"] == "" {
		t.Error("the browser has lost its session")
	}
}

// An operator who has to set up a second factor first opens no screen, and has none.
func TestWall_SecondFactor(t *testing.T) {
	d := openConsoleOn(t, t.TempDir(), account.Config{SecretKey: secretKey(), Required: account.Superusers})
	kiosk := d.staff("kiosk", account.ViewWall)
	b := d.wall("kiosk")
	kiosk.Superuser, kiosk.Version = true, 0
	if _, err := d.accounts.UpdateUser(t.Context(), owner, kiosk); err != nil {
		t.Fatal(err)
	}
	b.get(screenAt).Wants(303)
	d.as("kiosk").post(wallAt).Wants(403, "second factor")
}

// The screen says how many problems there are, and not which.
func TestWall_Problems(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Untrusted = func() string { return "192.0.2.77" } })
	d.staff("kiosk", account.ViewWall)
	d.wall("kiosk").get(screenAt).Wants(200, "1 problem: see the dashboard").Lacks("192.0.2.77", "No problems")
}
