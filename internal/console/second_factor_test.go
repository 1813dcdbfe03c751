package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/basepath"
	"pagesession/internal/console"
)

// A user sets up an app: password, QR code and secret, a code that proves it, recovery codes.
func TestSecondFactor_SetUp(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	b := d.as("bob")
	b.get("/admin/").Wants(200, `href="/admin/second-factor/"`)
	b.get("/admin/second-factor/").Wants(200, "Set up an app").Lacks("Recovery codes", "Remove")
	b.get("/admin/second-factor/app/scan/").Wants(200, "There is no setup to finish").Lacks("<svg class=\"qr\"")
	b.post("/admin/second-factor/app/").Wants(422, "Enter your current password")
	b.post("/admin/second-factor/app/", "old", "wrong secret").Wants(422, "Your current password is wrong").Lacks("wrong secret")
	if line := d.line("wrong current password"); !strings.Contains(line, "user=bob") {
		t.Errorf("the log has %q; want the wrong password", line)
	}
	b.post("/admin/second-factor/app/", "old", password).Wants(303)
	page := b.get("/admin/second-factor/app/scan/").Wants(200, `<svg class="qr"`, `href="otpauth://totp/pagesession`, `inputmode="numeric"`)
	if again := b.get("/admin/second-factor/app/scan/"); secretOnPage.FindString(again.Text) != secretOnPage.FindString(page.Text) {
		t.Error("a reload shows another secret")
	}
	a := &app{d: d, secret: strings.ReplaceAll(secretOnPage.FindStringSubmatch(page.Text)[1], " ", "")}
	b.post("/admin/second-factor/app/scan/", "code", a.wrong()).Wants(422, "This code is wrong", "clock is right", a.secret[:4])
	if u := must(d.accounts.UserByName(t.Context(), "bob")); u.Factors.Any() {
		t.Fatal("a wrong code stored the app")
	}
	d.as("bob") // signs in without a code still
	code := a.codeAt(d.clock.Now())
	done := b.post("/admin/second-factor/app/scan/", "code", code[:3]+" "+code[3:]).Wants(303)
	shown := b.get(done.Leads()).Wants(200, "Your authenticator app is set up", "Save or print", "bob at ")
	if codes := codesOnPage.FindAllString(shown.Text, -1); len(codes) != 10 {
		t.Errorf("%d recovery codes; want 10\n%s", len(codes), shown.Text)
	}
	b.get(done.Leads()).Wants(200, "shown once", `href="/admin/second-factor/recovery-codes/"`).Lacks("Save or print")
	b.get("/admin/second-factor/").Wants(200, "10 codes", "Remove…", "1 other session", `href="/admin/own-sessions/"`).Lacks("Set up an app")
	b.get("/admin/second-factor/app/scan/").Wants(200, "There is no setup to finish").Lacks(a.secret[:4])
	if e := d.entries(account.EntryQuery{Limit: 1})[0]; e.Action != account.ActionFactorAdd {
		t.Errorf("entry %+v; want the new factor", e)
	}
	if log := d.log.String(); strings.Contains(log, a.secret) || strings.Contains(log, code) {
		t.Error("the log has the secret or a code")
	}
}

// The secret of a setup is in no address, and ends after 15 minutes, and with its session's
// user.
func TestSecondFactor_SetUpEnds(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	d.staff("eve")
	b := d.as("bob")
	b.post("/admin/second-factor/app/", "old", password).Wants(303)
	eve := d.as("eve")
	eve.Jar["admintotp"] = b.Jar["admintotp"]
	eve.get("/admin/second-factor/app/scan/").Wants(200, "There is no setup to finish")
	eve.post("/admin/second-factor/app/scan/", "code", "123456").Wants(409, "There is no setup to finish")
	d.clock.Advance(14 * time.Minute)
	b.get("/admin/second-factor/app/scan/").Wants(200, "<svg")
	d.clock.Advance(time.Minute)
	b.post("/admin/second-factor/app/scan/", "code", "123456").Wants(409, "There is no setup to finish")
}

// New recovery codes need the password, are shown once, and to their user alone.
func TestSecondFactor_NewCodes(t *testing.T) {
	d, a := withApp(t)
	b := d.halfway("ada")
	b.enter(a.code()).Wants(303)
	const form = "/admin/second-factor/recovery-codes/"
	b.get(form).Wants(200, "The codes that you have now no longer count")
	b.post(form, "old", "wrong").Wants(422, "wrong")
	made := b.post(form, "old", password).Wants(303)
	d.staff("eve")
	eve := d.as("eve")
	eve.Jar["admincodes"] = b.Jar["admincodes"]
	eve.get(made.Leads()).Wants(200, "shown once").Lacks(`class="codes"`)
	b.Do("HEAD", made.Leads(), own).Wants(200) // shows nothing, so it uses nothing up
	fresh := codesOnPage.FindAllString(b.get(made.Leads()).Wants(200, `class="codes"`).Text, -1)
	b.get(made.Leads()).Wants(200, "shown once").Lacks(`class="codes"`)
	d.halfway("ada").enter(a.codes[0]).Wants(403)
	d.halfway("ada").enter(fresh[0]).Wants(303)
	eve.get(form).Wants(200, "you have none yet").Lacks(`id="old"`)
	eve.post(form, "old", password).Wants(409, "no second factor")
}

// Removing the app needs the password, ends the other sessions, and this one goes on.
func TestSecondFactor_Remove(t *testing.T) {
	d, a := withApp(t)
	other, b := d.halfway("ada"), d.halfway("ada")
	other.enter(a.code()).Wants(303)
	b.enter(a.code()).Wants(303)
	const form = "/admin/second-factor/app/remove/"
	b.get(form).Wants(200, "your recovery codes are removed, too", "danger")
	b.post(form, "old", "wrong").Wants(422)
	b.post(form, "old", password).Wants(303)
	b.get("/admin/second-factor/").Wants(200, "was removed", "Set up an app").Lacks("Recovery codes")
	other.get("/admin/").Wants(303)
	d.as("ada").get("/admin/").Wants(200)
	b.get(form).Wants(200, "You have no authenticator app").Lacks(`id="old"`)
	b.post(form, "old", password).Wants(409)
}

// Another app replaces the first one, and ends the other sessions.
func TestSecondFactor_Replace(t *testing.T) {
	d, a := withApp(t)
	other, b := d.halfway("ada"), d.halfway("ada")
	other.enter(a.code()).Wants(303)
	b.enter(a.code()).Wants(303)
	b.get("/admin/second-factor/app/").Wants(200, "stops working here")
	second := b.setUpApp()
	if len(second.codes) != 0 {
		t.Error("the recovery codes changed")
	}
	b.get("/admin/second-factor/").Wants(200, "10 codes")
	other.get("/admin/").Wants(303)
	d.halfway("ada").enter(a.code()).Wants(403)
	d.halfway("ada").enter(second.code()).Wants(303)
	d.halfway("ada").enter(a.codes[0]).Wants(303)
}

// Operators who have to have a second factor set it up before anything else.
func TestSecondFactor_Required(t *testing.T) {
	d := openConsoleOn(t, t.TempDir(), account.Config{SecretKey: secretKey(), Required: account.Superusers})
	d.superuser("ada")
	d.staff("bob")
	d.as("bob").get("/admin/").Wants(200)
	b := d.as("ada")
	for _, path := range []string{"/admin/", "/admin/users/", "/admin/users", "/admin/sessions/state/", "/admin/own-sessions/", "/admin/nothing/", "/admin/second-factor/recovery-codes/"} {
		if a := b.get(path).Wants(303).Lacks("<h1>"); a.Leads() != "/admin/second-factor/" {
			t.Errorf("%s leads to %s; want the setup", path, a.Leads())
		}
		b.Do("HEAD", path, own).Wants(303)
	}
	b.post("/admin/users/add/", "username", "eve").Wants(403, "Operators like you need a second factor")
	b.post("/admin/sessions/clear/").Wants(403)
	b.get("/admin/second-factor/").Wants(200, "You need a second factor here").Lacks(`href="/admin/users/"`, `href="/admin/log/"`, "Dashboard")
	b.get("/admin/password/").Wants(200)
	b.get("/admin/second-factor/app/").Wants(200, `href="/admin/second-factor/"`)
	b.get("/admin/session/").Wants(200, `"live"`)
	b.setUpApp()
	b.get("/admin/").Wants(200, "Dashboard")
	b.get("/admin/second-factor/app/remove/").Wants(200, "this is your only one").Lacks(`id="old"`)
	b.post("/admin/second-factor/app/remove/", "old", password).Wants(403, "this is your only one")
	b.get("/admin/second-factor/").Wants(200, "10 codes").Lacks("You need a second factor here")
	out := d.as("bob")
	out.setUpApp()
	out.post("/admin/second-factor/app/remove/", "old", password).Wants(303)

	lost := d.as("")
	lost.post("/admin/login/", "username", "ada", "password", password)
	lost.post("/admin/logout/").Wants(303)
}

// Another superuser resets a user's second factor: the user's sessions end, the password
// alone signs in, and the log has it.
func TestSecondFactor_Reset(t *testing.T) {
	d, _ := withApp(t)
	bob := d.staff("bob")
	d.superuser("carl")
	theirs := d.as("bob")
	theirs.setUpApp()
	carl, path := d.as("carl"), userAt(bob, "second-factor/")
	carl.get("/admin/users/").Wants(200, "Second factor")
	carl.get(userAt(bob, "")).Wants(200, "<dd>authenticator app</dd>", `href="`+path+`"`)
	carl.get(path).Wants(200, "This removes the user’s authenticator app and recovery codes", "main danger")
	carl.post(path).Wants(303)
	carl.get(userAt(bob, "")).Wants(200, "second factor was reset", "<dd>none</dd>").Lacks(`href="` + path + `"`)
	theirs.get("/admin/").Wants(303)
	d.as("bob").get("/admin/").Wants(200)
	if e := d.entries(account.EntryQuery{Action: account.ActionFactorReset})[0]; e.Object != "bob" || e.Actor.Name != "carl" {
		t.Errorf("entry %+v; want carl's reset of bob", e)
	}
	carl.get(path).Wants(200, "has no second factor").Lacks("main danger")
	carl.post(path).Wants(409)
	me := must(d.accounts.UserByName(t.Context(), "carl"))
	carl.get(userAt(me, "second-factor/")).Wants(200, "This is you")
	carl.post(userAt(me, "second-factor/")).Wants(403, "This is you")
	d.staff("changer", account.ViewUser, account.ChangeUser)
	changer := d.as("changer")
	changer.get(path).Wants(403)
	changer.post(path).Wants(403)
}

// The list marks who has a second factor.
func TestUserList_SecondFactor(t *testing.T) {
	d, _ := withApp(t)
	d.superuser("bob")
	text := d.as("bob").get("/admin/users/").Wants(200).Text
	row := func(name string) int {
		found := regexp.MustCompile(`(?m)^<tr>.*>` + name + `</a>.*$`).FindString(text)
		return strings.Count(found, `class="yes"`)
	}
	if a, b := row("ada"), row("bob"); a != 4 || b != 3 { // active, staff, superuser
		t.Errorf("%d and %d yes; want one more for ada", a, b)
	}
}

// With another key of the server the app's codes are refused, and recovery codes work. The
// page says what to do.
func TestSecondFactor_LostKey(t *testing.T) {
	dir := t.TempDir()
	d := openConsoleOn(t, dir, account.Config{SecretKey: secretKey()})
	d.superuser("ada")
	a := d.as("ada").setUpApp()
	if err := d.accounts.Close(); err != nil {
		t.Fatal(err)
	}
	_, _ = d.visitors.Close(), d.operator.Close()
	d = openConsoleOn(t, dir, account.Config{SecretKey: make([]byte, 32)})
	a.d = d
	b := d.halfway("ada")
	b.enter(a.code()).Wants(403, "This code is wrong")
	b.enter(a.codes[0]).Wants(303)
	b.get("/admin/second-factor/").Wants(200, "does not work", "Set the app up again")
	fresh := b.setUpApp()
	d.halfway("ada").enter(fresh.code()).Wants(303)
}

// After a hundred wrong codes the app pauses, and the operator's page says so. A recovery code
// signs in, and ends the pause.
func TestSecondFactor_Paused(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	here := d.as("ada")
	a := here.setUpApp()
	for range 10 {
		b := d.halfway("ada")
		for range 10 {
			b.enter(a.wrong()).Wants(403)
		}
		d.clock.Advance(5 * time.Minute)
		here.get("/admin/second-factor/").Wants(200)
	}
	here.get("/admin/second-factor/").Wants(200, ">paused<", "the app’s codes do not count")
	b := d.halfway("ada")
	b.enter(a.code()).Wants(403, "This code is wrong")
	b.enter(a.codes[0]).Wants(303)
	b.get("/admin/second-factor/").Wants(200, "101 wrong codes").Lacks(">paused<")
	d.halfway("ada").enter(a.code()).Wants(303)
}

// Without a key of the server nothing can be set up, and the form says what helps.
func TestSecondFactor_NoKey(t *testing.T) {
	d := openConsoleOn(t, t.TempDir(), account.Config{})
	d.staff("bob")
	d.as("bob").post("/admin/second-factor/app/", "old", password).Wants(503, "Restart it, which makes one.")
}

// Below a base path the pages and the cookies stay below it.
func TestSecondFactor_BasePath(t *testing.T) {
	base, err := basepath.Parse("/pages/")
	if err != nil {
		t.Fatal(err)
	}
	d := openConsole(t, func(cfg *console.Config) { cfg.BasePath = base })
	d.superuser("ada")
	b := d.as("ada")
	begun := b.post("/admin/second-factor/app/", "old", password).Wants(303)
	if set := begun.Header.Get("Set-Cookie"); !strings.Contains(strings.Join(begun.Header["Set-Cookie"], "\n"), "; Path=/pages/admin/second-factor/;") {
		t.Errorf("the cookie of the setup is %q; want its path below /pages/", set)
	}
	b.get("/admin/second-factor/app/scan/").Wants(200, `action="/pages/admin/second-factor/app/scan/"`)
	a := b.setUpApp()
	half := d.signedOut()
	first := half.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	if !strings.Contains(strings.Join(first.Header["Set-Cookie"], "\n"), "; Path=/pages/admin/login/;") {
		t.Errorf("the cookies are %q; want the ticket's path below /pages/", first.Header["Set-Cookie"])
	}
	half.enter(a.code()).Wants(303)
}
