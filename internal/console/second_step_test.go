package console_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// An app is an authenticator app that has scanned a secret.
type app struct {
	d      *fixture
	secret string
	codes  []string // recovery codes that came with it
}

// code is the app's code now, in a step that no code has used.
func (a *app) code() string {
	a.d.t.Helper()
	a.d.clock.Advance(30 * time.Second)
	return a.codeAt(a.d.clock.Now())
}

func (a *app) codeAt(at time.Time) string {
	a.d.t.Helper()
	code, err := totp.GenerateCode(a.secret, at)
	if err != nil {
		a.d.t.Fatal(err)
	}
	return code
}

// wrong is a code that is not one of the app's now.
func (a *app) wrong() string {
	now := a.d.clock.Now()
	for i := range 10 {
		code := fmt.Sprintf("%06d", i)
		if code != a.codeAt(now) && code != a.codeAt(now.Add(30*time.Second)) && code != a.codeAt(now.Add(-30*time.Second)) {
			return code
		}
	}
	panic("ten codes at a time")
}

var (
	secretOnPage = regexp.MustCompile(`<p class="secret">([A-Z2-7 ]+)</p>`)
	codesOnPage  = regexp.MustCompile(`(?m)([A-Z2-7]{6}(?:-[A-Z2-7]{6}){3})$`)
	ticketOnPage = regexp.MustCompile(`name="ticket" value="([^"]+)"`)
)

// setUpApp sets up an authenticator app in the pages, as a user does.
func (b *browser) setUpApp() *app {
	b.T.Helper()
	b.post("/admin/second-factor/app/", "old", password).Wants(303)
	page := b.get("/admin/second-factor/app/scan/").Wants(200, "Scan this", "<svg")
	found := secretOnPage.FindStringSubmatch(page.Text)
	if found == nil {
		b.T.Fatalf("no secret on the page\n%s", page.Text)
	}
	a := &app{d: b.d, secret: strings.ReplaceAll(found[1], " ", "")}
	done := b.post("/admin/second-factor/app/scan/", "code", a.code()).Wants(303)
	for _, code := range codesOnPage.FindAllStringSubmatch(b.get(done.Leads()).Text, -1) {
		a.codes = append(a.codes, code[1])
	}
	return a
}

// enter enters a code on the page of the second step.
func (b *browser) enter(code string) *testkit.Reply {
	b.T.Helper()
	found := ticketOnPage.FindStringSubmatch(b.get("/admin/login/second/").Wants(200, "You are signing in as").Text)
	if found == nil {
		b.T.Fatal("the page has no ticket")
	}
	return b.post("/admin/login/second/", "ticket", found[1], "code", code)
}

// halfway is a browser in which a user has entered their password.
func (d *fixture) halfway(name string) *browser {
	d.t.Helper()
	b := d.signedOut()
	if a := b.post("/admin/login/", "username", name, "password", password, "next", "/admin/users/?q=1").Wants(303); a.Leads() != "/admin/login/second/" {
		d.t.Fatalf("the password leads to %s; want the second step", a.Leads())
	}
	return b
}

// withApp is a console with a superuser, ada, who has an authenticator app.
func withApp(t *testing.T) (*fixture, *app) {
	t.Helper()
	d := openConsole(t)
	d.superuser("ada")
	return d, d.as("ada").setUpApp()
}

// The password alone opens nothing. The code does, and leads to the page asked for.
func TestSecondStep(t *testing.T) {
	d, a := withApp(t)
	b := d.halfway("ada")
	if _, there := b.Jar["adminid"]; there {
		t.Fatal("the password alone began a session")
	}
	b.get("/admin/").Wants(303)
	if a := b.post("/admin/theme/", "theme", "dark", "next", "/admin/login/second/").Wants(303); a.Leads() != "/admin/login/second/" {
		t.Errorf("another theme leads to %s; want back", a.Leads())
	}
	b.get("/admin/login/second/").Wants(200, "<b>ada</b>", `autocomplete="one-time-code"`, ">Code<").Lacks(password)
	done := b.enter(a.code()).Wants(303)
	if next := b.get(done.Leads()).Wants(303).Leads(); next != "/admin/users/?q=1" {
		t.Errorf("the sign-in leads to %s; want the page asked for", next)
	}
	b.get("/admin/").Wants(200, ">ada<").Lacks("wrong code", "recovery code")
	if _, there := b.Jar["adminticket"]; there {
		t.Error("the ticket stays")
	}
	if e := d.entries(account.EntryQuery{Limit: 1})[0]; e.Action != account.ActionSignIn || fmt.Sprint(e.Fields) != "[totp]" {
		t.Errorf("entry %+v; want a sign-in by totp", e)
	}
	// The browser's Back leads on, and the old form as well.
	for _, again := range []*testkit.Reply{b.get("/admin/login/second/"), b.post("/admin/login/second/", "ticket", "x", "code", "123456")} {
		if again.Wants(303).Leads() != "/admin/" {
			t.Errorf("%s leads to %s; want the dashboard", again.What, again.Leads())
		}
	}
}

// People type a code as the app shows it, or copy more than they meant to.
func TestSecondStep_AsTyped(t *testing.T) {
	d, a := withApp(t)
	for _, typed := range []func(string) string{
		func(code string) string { return code[:3] + " " + code[3:] },
		func(code string) string { return " " + code + "\t" },
		func(code string) string { return code[:3] + "\u00a0" + code[3:] },
	} {
		d.halfway("ada").enter(typed(a.code())).Wants(303)
	}
	d.halfway("ada").enter(strings.ToLower(strings.ReplaceAll(a.codes[0], "-", " "))).Wants(303)
}

// A wrong code and one that was used are refused alike; then the right one is accepted.
func TestSecondStep_Wrong(t *testing.T) {
	d, a := withApp(t)
	used := a.code()
	d.halfway("ada").enter(used).Wants(303)
	b := d.halfway("ada")
	for _, code := range []string{a.wrong(), used, "", "<i>", strings.Repeat("1", 500), strings.Repeat("A", 24)} {
		b.enter(code).Wants(403, "This code is wrong, or was used before.", "clock is right", `aria-invalid="true"`, `role="alert"`).Lacks("<i>", "signed in")
	}
	if _, there := b.Jar["adminid"]; there {
		t.Fatal("a wrong code began a session")
	}
	b.enter(a.code()).Wants(303)
	b.get("/admin/").Wants(200, "6 wrong codes or passkeys followed your right password", "change it")
	d.halfway("ada").enter(a.code()).Wants(303)
	if line := d.line("wrong code"); !strings.Contains(line, "user=ada") || strings.Contains(line, used) {
		t.Errorf("the log has %q; want the user, and no code", line)
	}
}

// Wrong codes count as failed sign-ins. The page says how long to wait.
func TestSecondStep_Throttled(t *testing.T) {
	d, a := withApp(t)
	b := d.halfway("ada")
	for range 10 {
		b.enter(a.wrong()).Wants(403)
	}
	late := b.enter(a.codeAt(d.clock.Now())).Wants(429, "too many failed sign-ins", "Try again in")
	if late.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	d.clock.Advance(5 * time.Minute)
	again := d.halfway("ada")
	again.enter(a.code()).Wants(303)
	again.get("/admin/").Wants(200, "10 wrong codes")
}

// After five minutes, or a change of the user, the sign-in begins again, and says so.
func TestSecondStep_Expired(t *testing.T) {
	d, a := withApp(t)
	unfinished := func(what string, r *testkit.Reply) {
		t.Helper()
		if r.Wants(303); !strings.HasPrefix(r.Leads(), "/admin/login/?next=") || !strings.HasSuffix(r.Leads(), "was=unfinished") {
			t.Fatalf("%s: leads to %s; want the sign-in page", what, r.Leads())
		}
		d.signedOut().get(r.Leads()).Wants(200, "Your sign-in was not finished")
	}
	late := d.halfway("ada")
	form := ticketOnPage.FindStringSubmatch(late.get("/admin/login/second/").Text)[1]
	d.clock.Advance(5 * time.Minute)
	unfinished("a page after five minutes", late.get("/admin/login/second/"))
	unfinished("a form after five minutes", late.post("/admin/login/second/", "ticket", form, "code", a.code()))
	unfinished("no ticket", d.signedOut().get("/admin/login/second/"))
	unfinished("a forged ticket", d.forged().get("/admin/login/second/"))

	changed := d.halfway("ada")
	d.as("").post("/admin/login/") // another one, refused
	ada := must(d.accounts.UserByName(t.Context(), "ada"))
	if _, err := d.accounts.SetPassword(t.Context(), owner, ada.ID, password+"8"); err != nil {
		t.Fatal(err)
	}
	unfinished("a new password", changed.enter(a.code()))
	if _, there := changed.Jar["adminticket"]; there {
		t.Error("a ticket that does not count stays")
	}
}

func (d *fixture) forged() *browser {
	b := d.signedOut()
	b.Jar["adminticket"] = "MTc5MDAwMDAwMHx4fHg="
	return b
}

// Two tabs may sign in two users. A code counts for the one whose form it was entered in.
func TestSecondStep_TwoTabs(t *testing.T) {
	d, a := withApp(t)
	d.staff("bob")
	d.as("bob").setUpApp()
	b := d.halfway("ada")
	first := ticketOnPage.FindStringSubmatch(b.get("/admin/login/second/").Text)[1]
	d.clock.Advance(time.Second)
	b.post("/admin/login/", "username", "bob", "password", password).Wants(303)
	again := b.post("/admin/login/second/", "ticket", first, "code", a.codeAt(d.clock.Now())).Wants(303)
	b.get(again.Leads()).Wants(200, "Another sign-in was begun", "<b>bob</b>")
	bob := must(d.accounts.UserByName(t.Context(), "bob"))
	if failed := d.entries(account.EntryQuery{Action: account.ActionSignInFailed}); len(failed) > 0 {
		t.Errorf("it counts against %d: %+v", bob.ID, failed)
	}
}

// An address that is too long for the cookie is forgotten, and the sign-in works.
func TestSecondStep_LongNext(t *testing.T) {
	d, a := withApp(t)
	b := d.signedOut()
	b.post("/admin/login/", "username", "ada", "password", password, "next", "/admin/users/?q="+url.QueryEscape(strings.Repeat("<", 1500))).Wants(303)
	if next := b.get(b.enter(a.code()).Wants(303).Leads()).Leads(); next != "/admin/" {
		t.Errorf("the sign-in leads to %s; want the dashboard", next)
	}
}

// Each recovery code works once. The operator is told how many are left.
func TestSecondStep_RecoveryCode(t *testing.T) {
	d, a := withApp(t)
	if len(a.codes) != 10 {
		t.Fatalf("%d recovery codes; want 10", len(a.codes))
	}
	b := d.halfway("ada")
	b.enter(a.codes[3]).Wants(303)
	b.get("/admin/").Wants(200, "You signed in with a recovery code", "You have 9 left")
	d.halfway("ada").enter(a.codes[3]).Wants(403, "used before")
	for _, code := range append(a.codes[:3:3], a.codes[4:9]...) {
		b = d.halfway("ada")
		b.enter(code).Wants(303)
	}
	b.get("/admin/").Wants(200, "You have only 1 left: make new ones")
	if log := d.log.String(); strings.Contains(log, a.codes[3]) || strings.Contains(log, a.secret) {
		t.Error("the log has a code or the secret")
	}
}

// The first form goes on with the second step wherever the session was before.
func TestSecondStep_EndsTheSessionBefore(t *testing.T) {
	d, a := withApp(t)
	d.staff("bob")
	b := d.as("bob")
	b.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	b.get("/admin/").Wants(200, ">bob<") // not ended by the password alone
	b.enter(a.code()).Wants(303)
	b.get("/admin/").Wants(200, ">ada<")
	if rows := d.operator.Stats().Sessions; rows != 2 { // of setUpApp, and this one
		t.Errorf("%d sessions; want bob's ended", rows)
	}
}
