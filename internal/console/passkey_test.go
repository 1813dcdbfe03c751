package console_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
	"pagesession/internal/testkit/authenticator"
)

// askedFor returns the options that the script of a form gets.
func askedFor(t testing.TB, a *testkit.Reply) []byte {
	t.Helper()
	a.Wants(200)
	var got struct{ Options json.RawMessage }
	if err := json.Unmarshal([]byte(a.Text), &got); err != nil || got.Options == nil {
		t.Fatalf("%s: %q, %v; want options", a.What, a.Text, err)
	}
	return got.Options
}

// addPasskey makes a passkey of the browser's operator.
func (b *browser) addPasskey(name string) *authenticator.Passkey {
	b.T.Helper()
	key := authenticator.New(b.T, "http://localhost")
	answer, err := key.Create(askedFor(b.T, b.post("/admin/second-factor/passkeys/options/", "old", password)))
	if err != nil {
		b.T.Fatal(err)
	}
	b.post("/admin/second-factor/passkeys/add/", "name", name, "answer", answer).Wants(303)
	b.d.clock.Advance(time.Second)
	return key
}

// use signs in with a passkey alone.
func (b *browser) use(key *authenticator.Passkey) *testkit.Reply {
	b.T.Helper()
	answer := key.Get(askedFor(b.T, b.post("/admin/login/passkey/options/")))
	return b.post("/admin/login/passkey/", "next", "/admin/users/", "answer", answer)
}

func TestPasskey_AddAndSignIn(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	b.get("/admin/second-factor/").Wants(200, "Add a passkey").Lacks("Recovery codes")
	b.get("/admin/second-factor/passkeys/add/").Wants(200, "<b>localhost</b>", `data-passkey="create"`, "passkey-")
	b.post("/admin/second-factor/passkeys/options/").Wants(422, `{"wrong":"Enter your current password."}`)
	b.post("/admin/second-factor/passkeys/options/", "old", "wrong secret").Wants(422, "Your current password is wrong").Lacks("secret")
	key := b.addPasskey("Laptop")
	b.get("/admin/second-factor/recovery-codes/new/").Wants(200, "The passkey was added.", "Save or print")
	b.get("/admin/second-factor/").Wants(200, "<b>Laptop</b>", "Signs you in alone", "not used yet.", "10 codes").Lacks("only at")
	if e := d.entries(account.EntryQuery{Limit: 1})[0]; e.Action != account.ActionFactorAdd || !slices.Equal(e.Fields, []string{"passkey"}) {
		t.Errorf("entry %+v; want the new passkey", e)
	}

	other := d.signedOut()
	other.get("/admin/login/").Wants(200, `<form class="other" data-supported hidden`, "Sign in with a passkey")
	in := other.use(key).Wants(303)
	if in.Leads() != "/admin/login/?next=%2Fadmin%2Fusers%2F&was=dropped" {
		t.Errorf("the sign-in leads to %s", in.Leads())
	}
	other.get("/admin/users/").Wants(200, ">ada<")
	if e := d.entries(account.EntryQuery{Limit: 1})[0]; e.Action != account.ActionSignIn || !slices.Equal(e.Fields, []string{"passkey"}) || e.Actor.Name != "ada" {
		t.Errorf("entry %+v; want the sign-in", e)
	}
	other.get("/admin/log/").Wants(200, "signed in: passkey", "added a second factor: passkey")
	if log := d.log.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "signature") {
		t.Errorf("the log has\n%s", log)
	}
}

func TestPasskey_AfterThePassword(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	key := d.as("bob").addPasskey("Key")
	key.Flags = authenticator.Present // without a PIN
	b := d.signedOut()
	b.use(key).Wants(403, "This passkey was not accepted.")
	b.post("/admin/login/", "username", "bob", "password", password, "next", "/admin/password/").Wants(303)
	page := b.get("/admin/login/second/").Wants(200, "Use your passkey", "Recovery code")
	ticket := ticketOn(page.Text)
	answer := key.Get(askedFor(t, b.post("/admin/login/second/passkey/options/", "ticket", ticket)))
	b.post("/admin/login/second/passkey/", "ticket", "other", "answer", answer).Wants(303)
	d.clock.Advance(time.Minute) // the log has a line a second
	b.post("/admin/login/second/passkey/", "ticket", ticket, "answer", "{}").Wants(403, "This passkey was not accepted. Try again, or enter a code.")
	if line := d.line("wrong passkey"); !strings.Contains(line, "user=bob") {
		t.Errorf("the log has %q; want the refusal", line)
	}
	b.post("/admin/login/second/passkey/", "ticket", ticket, "answer", answer).Wants(422, "This took more than five minutes") // each challenge has one answer
	d.clock.Advance(time.Second)
	answer = key.Get(askedFor(t, b.post("/admin/login/second/passkey/options/", "ticket", ticket)))
	in := b.post("/admin/login/second/passkey/", "ticket", ticket, "answer", answer).Wants(303)
	b.get(in.Leads()).Wants(303)
	b.get("/admin/password/").Wants(200, "1 wrong code or passkey followed your right password")
	b.post("/admin/login/second/passkey/options/", "ticket", ticket).Wants(303)
}

// ticketOn returns the sign-in that the form of a page belongs to.
func ticketOn(page string) string {
	_, rest, _ := strings.Cut(page, `name="ticket" value="`)
	ticket, _, _ := strings.Cut(rest, `"`)
	return ticket
}

// What was captured of a sign-in signs in no second time, and not after five minutes.
func TestPasskey_Replay(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	key := d.as("bob").addPasskey("Key")
	key.Counts = false
	b := d.signedOut()
	answer := key.Get(askedFor(t, b.post("/admin/login/passkey/options/")))
	jar := map[string]string{"adminchallenge": b.Jar["adminchallenge"]}
	b.post("/admin/login/passkey/", "answer", answer).Wants(303)
	if b.Jar["adminchallenge"] != "" || jar["adminchallenge"] == "" {
		t.Errorf("cookies %v after the sign-in; want no challenge", b.Jar)
	}
	thief := d.signedOut()
	thief.Jar = jar
	thief.post("/admin/login/passkey/", "answer", answer).Wants(403, "This passkey was not accepted.")
	late := d.signedOut()
	answer = key.Get(askedFor(t, late.post("/admin/login/passkey/options/")))
	d.clock.Advance(5 * time.Minute)
	late.post("/admin/login/passkey/", "answer", answer).Wants(422, "more than five minutes")
}

// A stranger learns neither whether there is a user, nor whether there is a passkey.
func TestPasskey_SaysNothing(t *testing.T) {
	d := openConsole(t)
	empty := d.signedOut().post("/admin/login/passkey/options/").Wants(200)
	d.superuser("ada")
	bob := d.staff("bob")
	key := d.as("bob").addPasskey("Key")
	full := d.signedOut().post("/admin/login/passkey/options/").Wants(200)
	if len(full.Text) != len(empty.Text) || strings.Contains(full.Text, "allowCredentials") {
		t.Errorf("options %s; without passkeys %s", full.Text, empty.Text)
	}
	unknown := authenticator.New(t, "http://localhost")
	unknown.Handle = key.Handle
	want := d.signedOut().use(unknown).Wants(403)
	if _, err := d.accounts.SetActive(t.Context(), owner, bob.ID, false); err != nil {
		t.Fatal(err)
	}
	disabled := d.signedOut().use(key).Wants(403)
	damaged := d.signedOut().post("/admin/login/passkey/", "answer", "{}")
	if disabled.Text != want.Text || damaged.StatusCode != 422 {
		t.Errorf("a disabled user's page differs from an unknown passkey's:\n%s", disabled.Text)
	}
	if line := d.line("sign-in by a passkey refused"); line == "" || strings.Contains(line, "bob") {
		t.Errorf("the log has %q; want the refusal without a name", line)
	}
}

func TestPasskey_RenameAndRemove(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	d.staff("eve")
	b, elsewhere := d.as("bob"), d.as("bob")
	b.addPasskey("Laptop")
	elsewhere.get("/admin/second-factor/").Wants(200)
	found := must(d.accounts.UserByName(t.Context(), "bob"))
	at := "/admin/second-factor/passkeys/" + must(d.accounts.Passkeys(t.Context(), found.ID))[0].ID + "/"
	for _, what := range []string{"rename/", "remove/"} {
		d.as("eve").get(at + what).Wants(404)
		d.as("eve").post(at+what, "old", password, "name", "Mine").Wants(404)
		b.post(at+what, "name", "Desk").Wants(422, "Enter your current password")
	}
	b.get(at+"rename/").Wants(200, `value="Laptop"`)
	b.post(at+"rename/", "old", password, "name", "").Wants(422, "This field is required")
	b.post(at+"rename/", "old", password, "name", "<b>Desk").Wants(303)
	b.get("/admin/second-factor/").Wants(200, "The passkey was renamed.", "&lt;b&gt;Desk")
	elsewhere.get("/admin/second-factor/").Wants(200)
	b.addPasskey("Phone")
	b.get(at + "remove/").Wants(200).Lacks("recovery codes")
	phone := "/admin/second-factor/passkeys/" + must(d.accounts.Passkeys(t.Context(), found.ID))[1].ID + "/"
	b.post(phone+"remove/", "old", password).Wants(303)
	b.get(at+"remove/").Wants(200, "&lt;b&gt;Desk", "at localhost", "your recovery codes are removed, too")
	b.post(at+"remove/", "old", password).Wants(303)
	b.get("/admin/second-factor/").Wants(200, "The passkey was removed.").Lacks("Desk", "Recovery codes")
	elsewhere.get("/admin/second-factor/").Wants(303)
}

// A setup is of one user. Another one who signs in in the same browser cannot finish it.
func TestPasskey_SetupOfAnotherUser(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	d.staff("eve")
	b := d.as("bob")
	answer, err := authenticator.New(t, "http://localhost").Create(askedFor(t, b.post("/admin/second-factor/passkeys/options/", "old", password)))
	if err != nil {
		t.Fatal(err)
	}
	eve := d.as("eve")
	eve.Jar["adminpasskey"] = b.Jar["adminpasskey"]
	eve.post("/admin/second-factor/passkeys/add/", "name", "Mine", "answer", answer).Wants(403)
	b.post("/admin/second-factor/passkeys/add/", "name", "", "answer", answer).Wants(422, "This field is required")
	b.post("/admin/second-factor/passkeys/add/", "name", "x", "answer", strings.Replace(answer, "none", "nine", 1)).Wants(303)
}

// At addresses without passkeys the pages say why, and offer none.
func TestPasskey_Addresses(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	d.staff("eve")
	d.as("bob").addPasskey("Laptop")
	for host, why := range map[string]string{
		"192.0.2.7:8000":  "at a host name, and this address is an IP address.",
		"127.0.0.1:8000":  "Open the console at localhost instead of 127.0.0.1.",
		"[::1]:8000":      "Open the console at localhost instead of [::1].",
		"ops:8443":        "They need localhost, or a name with a dot",
		"127.1":           "Passkeys do not work at this host name.",
		"-ops.example":    "Passkeys do not work at this host name.",
		"ops.example.org": "",
	} {
		at := testkit.Header("Host", host)
		login := d.signedOut().Get("/admin/login/", own, at).Wants(200, "Username")
		a := d.signedOut().Post("/admin/login/passkey/options/", own, at)
		b := d.signedOut()
		b.Post("/admin/login/", own, at, testkit.Form("username", "bob", "password", password)).Wants(303)
		second := b.Get("/admin/login/second/", own, at).Wants(200, "Recovery code").Lacks("Use your passkey")
		e := d.as("eve")
		if why == "" {
			login.Has("Sign in with a passkey")
			a.Wants(200, `"rpId":"ops.example.org"`)
			second.Wants(200, "Your passkeys belong to localhost and do not work at this address.")
			b.Post("/admin/login/second/passkey/options/", own, at, testkit.Form("ticket", ticketOn(second.Text))).Wants(422, "You have no passkey for this address.")
			e.Get("/admin/second-factor/", own, at).Wants(200, "Add a passkey")
			continue
		}
		login.Lacks("passkey")
		a.Wants(422, why)
		second.Wants(200, "Your passkey does not work at this address. ", why)
		b.Post("/admin/login/second/passkey/options/", own, at, testkit.Form("ticket", ticketOn(second.Text))).Wants(422, why)
		e.Get("/admin/second-factor/", own, at).Wants(200, why).Lacks("Add a passkey")
		e.Get("/admin/second-factor/passkeys/add/", own, at).Wants(200, why).Lacks("data-passkey")
		e.Post("/admin/second-factor/passkeys/options/", own, at, testkit.Form("old", password)).Wants(422, why)
	}
	// Browsers say where a request comes from only over https and on this machine.
	http := testkit.Header("Host", "ops.example.org")
	d.signedOut().Get("/admin/login/", http).Wants(200).Lacks("passkey")
	d.signedOut().Post("/admin/login/passkey/options/", http, testkit.Header("Origin", "http://ops.example.org")).Wants(422, "only over https")
}

// A proxy that is not trusted may use https towards the browser. The page says so.
func TestPasskey_BehindAnUntrustedProxy(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	const page = "https://ops.example.org:8443"
	from := []testkit.Option{own, testkit.Header("Host", "ops.example.org:8443"), testkit.Header("Origin", page)}
	b := d.as("bob")
	key := authenticator.New(t, page)
	answer, err := key.Create(askedFor(t, b.Post("/admin/second-factor/passkeys/options/", append(from, testkit.Form("old", password))...)))
	if err != nil {
		t.Fatal(err)
	}
	b.Post("/admin/second-factor/passkeys/add/", append(from, testkit.Form("name", "Laptop", "answer", answer))...).Wants(303)
	d.clock.Advance(time.Second)
	other := d.signedOut()
	answer = key.Get(askedFor(t, other.Post("/admin/login/passkey/options/", from...)))
	other.Post("/admin/login/passkey/", append(from, testkit.Form("answer", answer))...).Wants(303)
	b.get("/admin/second-factor/").Wants(200, "only at ops.example.org")
}

// An operator who must have a second factor can take a passkey.
func TestPasskey_Required(t *testing.T) {
	d := openConsoleOn(t, t.TempDir(), account.Config{SecretKey: secretKey(), Required: account.Everyone})
	d.staff("bob")
	b := d.as("bob")
	b.get("/admin/").Wants(303)
	b.get("/admin/second-factor/passkeys/add/").Wants(200)
	b.addPasskey("Laptop")
	b.get("/admin/").Wants(200)
	at := "/admin/second-factor/passkeys/" + must(d.accounts.Passkeys(t.Context(), must(d.accounts.UserByName(t.Context(), "bob")).ID))[0].ID + "/"
	b.get(at+"remove/").Wants(200, "this is your only one").Lacks(`id="old"`)
	b.post(at+"remove/", "old", password).Wants(403, "this is your only one")
}

// A throttled sign-in by a passkey says how long to wait.
func TestPasskey_Throttled(t *testing.T) {
	d := openConsole(t)
	d.staff("bob")
	key := d.as("bob").addPasskey("Key")
	b := d.signedOut()
	wrong := authenticator.New(t, "http://localhost")
	wrong.Handle = key.Handle
	for range 10 {
		b.use(wrong).Wants(403)
	}
	if a := b.use(key).Wants(429, "There were too many failed sign-ins", "5 min"); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
