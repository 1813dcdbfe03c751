package console_test

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// A refused sign-in says the same, whatever the reason.
func TestLogin_Refused(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.add(account.User{Username: "visitor"}) // not on the staff
	gone := d.staff("gone")
	if _, err := d.accounts.SetActive(t.Context(), owner, gone.ID, false); err != nil {
		t.Fatal(err)
	}
	const says = "Sign-in failed."
	var bodies []string
	for _, form := range [][]string{
		{"username", "ada", "password", "wrong"},
		{"username", "nobody", "password", password},
		{"username", "visitor", "password", password},
		{"username", "gone", "password", password},
		{"username", "", "password", ""},
		nil,
	} {
		b := d.signedOut()
		a := b.post("/admin/login/", form...)
		a.Wants(403, says, `role="alert"`).Lacks(password, "wrong")
		if len(b.Jar) != 0 {
			t.Errorf("%v got a cookie", form)
		}
		bodies = append(bodies, usernames.Replace(a.Text))
	}
	for _, body := range bodies[1:] {
		if body != bodies[0] {
			t.Error("refusals differ in more than the username")
		}
	}
	// A password in the address is not looked at.
	d.signedOut().post("/admin/login/?username=ada&password="+url.QueryEscape(password)).Wants(403, says)
	if log := d.log.String(); strings.Contains(log, password) {
		t.Error("the log has a password")
	}
}

var usernames = strings.NewReplacer(`value="ada"`, "", `value="nobody"`, "", `value="visitor"`, "", `value="gone"`, "", `value=""`, "")

// A password counts as it was typed: nothing is trimmed, cut or changed in case.
func TestLogin_PasswordAsTyped(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	exact := " Fünf\tWörter % <b>&+ " + strings.Repeat("x", 4000) + "y "
	d.as("ada").post("/admin/password/", "old", password, "new1", exact, "new2", exact).Wants(303)
	for _, other := range []string{
		strings.TrimSpace(exact), strings.ToLower(exact), strings.ToUpper(exact), strings.ReplaceAll(exact, "ü", "u"),
		strings.Replace(exact, "y ", "z ", 1), strings.TrimSuffix(exact, " "), exact + " ",
	} {
		d.signedOut().post("/admin/login/", "username", "ada", "password", other).Wants(403)
	}
	d.signedOut().post("/admin/login/", "username", "ada", "password", exact).Wants(303)
}

func TestLogin_KeepsWhatWasTyped(t *testing.T) {
	d := openConsole(t)
	d.signedOut().post("/admin/login/", "username", "ada", "password", "x", "next", "/admin/users/?q=1").
		Wants(403, `name="username" value="ada"`, `name="next" value="/admin/users/?q=1"`)
}

// After ten failures the right password is refused, too, for five minutes. Users can
// still sign in to other accounts from elsewhere.
func TestLogin_Throttled(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("bob")
	b := d.signedOut()
	for range 10 {
		b.post("/admin/login/", "username", "ada", "password", "wrong").Wants(403)
	}
	a := b.post("/admin/login/", "username", "ada", "password", password)
	a.Wants(429, "too many failed sign-ins", "Try again in", `value="ada"`).Lacks(password)
	wait, err := strconv.Atoi(a.Header.Get("Retry-After"))
	if err != nil || wait < 1 || wait > 300 {
		t.Errorf("Retry-After is %q; want up to 300 s", a.Header.Get("Retry-After"))
	}
	if n := len(d.entries(account.EntryQuery{Action: account.ActionThrottled})); n != 1 {
		t.Errorf("%d entries say so; want 1", n)
	}
	b.post("/admin/login/", "username", "ada", "password", password).Wants(429)
	d.clock.Advance(time.Duration(wait)*time.Second + time.Second)
	b.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	b.get("/admin/").Wants(200)
}

// When strangers guess a name, the next try of a user who is new to browser and network is
// kept for them, and the page says when.
func TestLogin_Reserved(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	for i := range 10 {
		from := account.Credentials{Username: "ada", Password: "wrong", Address: fmt.Sprintf("198.51.100.%d", i)}
		if _, err := d.accounts.Authenticate(t.Context(), from); !errors.Is(err, account.ErrSignIn) {
			t.Fatalf("a guess: %v", err)
		}
	}
	b := d.signedOut()
	a := b.post("/admin/login/", "username", "ada", "password", password)
	a.Wants(429, "Try again in 30 s, and within 5 min after that.")
	if got := a.Header.Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After is %q; want 30", got)
	}
	d.clock.Advance(30 * time.Second)
	if _, err := d.accounts.Authenticate(t.Context(), account.Credentials{Username: "ada", Password: "wrong", Address: "198.51.100.1"}); !errors.Is(err, account.ErrThrottled) {
		t.Errorf("a stranger's guess takes the reserved try: %v", err)
	}
	b.post("/admin/login/", "username", "ada", "password", password).Wants(303)
}

// next leads to pages of the console and nowhere else.
func TestLogin_Next(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	for next, want := range map[string]string{
		"":                                 "/admin/",
		"/admin/users/?q=a%20b&p=2":        "/admin/users/?q=a%20b&p=2",
		"/admin/users/1/":                  "/admin/users/1/",
		"//evil.example/admin/":            "/admin/",
		"///evil.example/admin/":           "/admin/",
		"http://evil.example/admin/":       "/admin/",
		"https:/admin/":                    "/admin/",
		"https:evil.example":               "/admin/",
		`/\evil.example/admin/`:            "/admin/",
		`\\evil.example/admin/`:            "/admin/",
		"/admin/\\evil.example":            "/admin/",
		"/admin//evil.example":             "/admin/",
		"/admin/%2f%2fevil.example":        "/admin/",
		"/admin/../set/":                   "/admin/",
		"/admin/%2e%2e/set/":               "/admin/",
		"/admin/\r\nSet-Cookie: x=y":       "/admin/",
		"/admin/\tx":                       "/admin/",
		"/admin/logout/":                   "/admin/",
		"/admin/login/?next=/admin/login/": "/admin/",
		"/adminevil":                       "/admin/",
		"/set/":                            "/admin/",
		"javascript:alert(1)":              "/admin/",
		"data:text/html,x":                 "/admin/",
		" /admin/users/":                   "/admin/",
		"@evil.example/admin/":             "/admin/",
		"/admin/users/#x":                  "/admin/users/",
	} {
		b := d.signedOut()
		a := b.post("/admin/login/", "username", "ada", "password", password, "next", next)
		if got := b.get(a.Wants(303).Leads()).Wants(303).Header.Get("Location"); got != want {
			t.Errorf("next=%q leads to %q; want %q", next, got, want)
		}
		if got := b.get("/admin/login/?next=" + url.QueryEscape(next)).Wants(303).Header.Get("Location"); got != want {
			t.Errorf("next=%q leads a signed-in browser to %q; want %q", next, got, want)
		}
		if got := b.post("/admin/theme/", "theme", "dark", "next", next).Wants(303).Header.Get("Location"); got != want {
			t.Errorf("next=%q leads from the theme to %q; want %q", next, got, want)
		}
	}
}

// A sign-in never takes over an id that the browser brought, whether it was another
// user's live one or one that was never issued.
func TestLogin_Fixation(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("mallory")
	mallory := d.as("mallory")
	planted := mallory.Jar["adminid"]
	victim := d.signedOut()
	victim.Jar["adminid"] = planted
	victim.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	if victim.Jar["adminid"] == planted {
		t.Fatal("the sign-in keeps the planted id")
	}
	mallory.get("/admin/").Wants(303)
	victim.get("/admin/").Wants(200, ">ada<")

	made := strings.Repeat("A", 26)
	victim = d.signedOut()
	victim.Jar["adminid"] = made
	victim.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	if victim.Jar["adminid"] == made {
		t.Error("the sign-in adopts an id that was never issued")
	}
}

// The cookie is only for the console, and out of reach of scripts.
func TestLogin_Cookie(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	a := d.signedOut().post("/admin/login/", "username", "ada", "password", password)
	cookie := a.Header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "Path=/admin/", "SameSite=Lax", "Max-Age=900"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie lacks %s", part)
		}
	}
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q; want no-store", a.Header.Get("Cache-Control"))
	}
}

func TestLogout(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	id := b.Jar["adminid"]
	b.get("/admin/logout/").Wants(405)
	b.get("/admin/").Wants(200)
	if a := b.post("/admin/logout/"); a.Wants(303).Leads() != "/admin/login/" {
		t.Errorf("leads to %s", a.Leads())
	}
	b.get("/admin/login/").Wants(200, "You have signed out.")
	b.get("/admin/login/").Wants(200).Lacks("You have signed out.")
	b.Jar["adminid"] = id
	b.get("/admin/").Wants(303)
	b.post("/admin/logout/").Wants(303)
	if n := len(d.entries(account.EntryQuery{Action: account.ActionSignOut})); n != 1 {
		t.Errorf("%d sign-outs are noted; want 1", n)
	}
}

// A session ends after a quarter of an hour without a visit, and after eight hours
// in any case; what a page asks by itself is no visit.
func TestSession_Ends(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	for range 3 {
		d.clock.Advance(14 * time.Minute)
		b.get("/admin/").Wants(200)
	}
	d.clock.Advance(14 * time.Minute)
	b.get("/admin/session/").Wants(200, `"state":"live"`, `"remaining_ms":60000`)
	b.Do("HEAD", "/admin/").Wants(200)
	b.get("/admin/session/").Wants(200, `"remaining_ms":60000`)
	d.clock.Advance(time.Minute)
	b.get("/admin/").Wants(303)

	b = d.as("ada")
	for range 34 {
		d.clock.Advance(14 * time.Minute)
		b.get("/admin/").Wants(200)
	}
	d.clock.Advance(5 * time.Minute)
	out := b.get("/admin/").Wants(303).Leads()
	b.get(out).Wants(200, "your session reached its maximum length")
}

// Staying is a POST, and answers as the page's clock wants it.
func TestSession_Refresh(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	d.clock.Advance(14 * time.Minute)
	b.get("/admin/session/refresh/").Wants(405)
	b.post("/admin/session/refresh/").Wants(200, `"state":"live"`, `"remaining_ms":900000`)
	d.clock.Advance(14 * time.Minute)
	b.get("/admin/").Wants(200)
	d.signedOut().post("/admin/session/refresh/").Wants(401, `"state":"none"`)
	d.signedOut().get("/admin/session/").Wants(200, `"state":"none"`)
}

// A changed password ends the user's other sessions; this one goes on under
// another id.
func TestPassword(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	here, elsewhere := d.as("ada"), d.as("ada")
	old := here.Jar["adminid"]
	here.get("/admin/password/").Wants(200, "Current password", "At least 8 characters").Lacks("value=\"" + password)
	here.post("/admin/password/", "old", "wrong", "new1", password+"8", "new2", password+"8").Wants(422, "Your current password is wrong", `aria-describedby="old-error"`).Lacks(password)
	here.post("/admin/password/", "old", password, "new1", password+"8", "new2", password+"9").Wants(422, "do not match").Lacks(password)
	here.post("/admin/password/", "old", password, "new1", "ada", "new2", "ada").Wants(422, "too short").Lacks(password)
	here.post("/admin/password/", "old", "wrong", "new1", "ada", "new2", "ada").Wants(422, "current password is wrong", "too short")
	here.post("/admin/password/", "new1", "ada", "new2", "ada").Wants(422, "Enter your current password", `aria-describedby="old-error"`, "too short")
	elsewhere.get("/admin/").Wants(200)
	here.post("/admin/password/", "old", password, "new1", password+"8", "new2", password+"8").Wants(303)
	here.get("/admin/").Wants(200, "Your password was changed")
	if n := d.operator.Stats().Sessions; n != 1 {
		t.Errorf("%d sessions are left; want 1", n)
	}
	if here.Jar["adminid"] == old {
		t.Error("the session has its old id")
	}
	elsewhere.get("/admin/").Wants(303)
	stolen := d.signedOut()
	stolen.Jar["adminid"] = old
	stolen.get("/admin/").Wants(303)
	d.signedOut().post("/admin/login/", "username", "ada", "password", password).Wants(403)
	d.signedOut().post("/admin/login/", "username", "ada", "password", password+"8").Wants(303)
}

// A password that is changed at the command line ends all sessions, too.
func TestPassword_ElsewhereChanged(t *testing.T) {
	d := openConsole(t)
	ada := d.superuser("ada")
	b := d.as("ada")
	if _, err := d.accounts.SetPassword(t.Context(), owner, ada.ID, password+"8"); err != nil {
		t.Fatal(err)
	}
	b.get("/admin/session/").Wants(200, `"state":"ended"`, `"reason":"revoked"`)
	b.get("/admin/").Wants(303)
	if n := d.operator.Stats().Sessions; n != 0 {
		t.Errorf("%d sessions are kept; want none", n)
	}
}

func TestTheme(t *testing.T) {
	d := openConsole(t)
	b := d.signedOut()
	b.get("/admin/login/").Wants(200, `data-theme="auto"`)
	for choice, want := range map[string]string{"dark": "dark", "light": "light", "auto": "auto", "<script>": "auto", "": "auto"} {
		b.post("/admin/theme/", "theme", choice, "next", "/admin/login/").Wants(303)
		b.get("/admin/login/").Wants(200, `data-theme="`+want+`"`)
	}
	delete(b.Jar, "theme")
	b.Get("/admin/login/", testkit.Cookie("theme", `dark"><script>`)).Wants(200, `data-theme="auto"`).Lacks("<script>\"")
	b.get("/admin/theme/").Wants(405)
}

// On a Unix socket without a trusted proxy no client has an address, and none is made up.
func TestLogin_WithoutAnAddress(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b, nowhere := d.signedOut(), testkit.From("0.0.0.0")
	b.Post("/admin/login/", own, nowhere, testkit.Form("username", "ada", "password", "x")).Wants(403)
	b.Post("/admin/login/", own, nowhere, testkit.Form("username", "ada", "password", password)).Wants(303)
	for _, e := range d.entries(account.EntryQuery{Limit: 2}) {
		if e.Actor.Address != "" {
			t.Errorf("entry %s has the address %q; want none", e.Action, e.Actor.Address)
		}
	}
}
