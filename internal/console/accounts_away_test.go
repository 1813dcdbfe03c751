package console_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/monitor"
	"pagesession/internal/testkit"
)

// openAway is people's console, over accounts whose database can go away.
func openAway(t *testing.T) (*fixture, *troubled, account.User, account.Group) {
	t.Helper()
	accounts := new(troubled)
	d, bob, editors := people(t, func(cfg *console.Config) {
		accounts.Accounts, accounts.left = cfg.Accounts, -1
		cfg.Accounts, cfg.Files = accounts, accounts.files
	})
	return d, accounts, bob, editors
}

// wantsAway holds that an answer is the page about the accounts. Anyone may read it, so
// it does not say where they are. While they are unavailable it says what to do.
func wantsAway(a *testkit.Reply) *testkit.Reply {
	if !strings.Contains(a.What, "for a call") {
		a.Wants(503, "Check the disk that has accounts.sqlite")
	}
	return a.Wants(503, "Accounts unavailable", "operators who are signed in stay signed in", "Try again</a>").
		Lacks("/secret/", "refused", "There is no operator yet", "Create the first operator")
}

// asks sends a request again and again, each time with the database going away one call
// later, for good or for a call, until none fails. After each failure the browser has the
// same cookies.
func (a *troubled) asks(b *browser, send func() *testkit.Reply, failed func(*testkit.Reply)) {
	b.T.Helper()
	for n := 0; ; n++ {
		jar := maps.Clone(b.Jar)
		once := n%2 == 1
		a.breakAfter(n/2, once)
		reply := send()
		if a.mend() == 0 {
			return
		}
		reply.What = fmt.Sprintf("%s, without the accounts after %d calls, %s", reply.What, n/2, map[bool]string{false: "for good", true: "for a call"}[once])
		failed(reply)
		if !maps.Equal(b.Jar, jar) {
			b.T.Errorf("%s: cookies %v; want %v", reply.What, b.Jar, jar)
		}
	}
}

// Whenever the database goes away, a page is 503 and says what to do. The operator's
// session goes on.
func TestAccountsAway_EveryPage(t *testing.T) {
	d, accounts, bob, editors := openAway(t)
	signedIn, signedOut := d.as("ada"), d.signedOut()
	paths := []string{
		"/admin/log/?actor=bob&kind=user&object=ada", "/admin/log/?kind=group&object=editors", "/admin/log/?kind=user",
		fmt.Sprint("/admin/users/delete/?id=", bob.ID), fmt.Sprint("/admin/groups/delete/?id=", editors.ID),
		"/admin/users/?p=9", "/admin/groups/?p=9",
	}
	for _, at := range d.places(bob, editors) {
		if at.Get && at.path != "/admin/first-run/" && at.path != "/admin/login/" && at.path != "/admin/wall/screen/" && !strings.HasPrefix(at.Path, aboutPasskey) {
			paths = append(paths, at.path)
		}
	}
	for _, path := range paths {
		times := 0
		accounts.asks(signedIn, func() *testkit.Reply { return signedIn.get(path) }, func(a *testkit.Reply) {
			times++
			wantsAway(a)
		})
		if times == 0 {
			t.Errorf("%s asks no accounts; this tests nothing", path)
		}
		signedIn.get("/admin/own-sessions/").Wants(200)
	}
	wall := d.as("ada")
	wall.post("/admin/wall/").Wants(303)
	accounts.asks(wall, func() *testkit.Reply { return wall.get("/admin/wall/screen/") }, func(a *testkit.Reply) { wantsAway(a) })
	wall.get("/admin/wall/screen/").Wants(200)
	for _, b := range []*browser{signedIn, signedOut} {
		accounts.asks(b, func() *testkit.Reply { return b.get("/admin/login/") }, func(a *testkit.Reply) { wantsAway(a) })
	}
}

// A form does nothing when the database goes away before the change. What was done
// before it went away is done, and the operator is told that the audit log lacks it. What
// ends all that match goes on in the background: see TestEndings_AccountsAway.
func TestAccountsAway_EveryForm(t *testing.T) {
	for _, at := range console.Routes() {
		if !at.Post || at.Public || at.Path == "/admin/sessions/matching/" || strings.HasPrefix(at.Path, aboutPasskey) {
			continue
		}
		t.Run(at.Path, func(t *testing.T) {
			d, accounts, bob, editors := openAway(t)
			b, missing := d.as("ada"), 0
			place := placeOf(at, bob, editors, d.visitorID("Pema"))
			form := []string{"username", "bob", "name", "editors", "old", password, "new1", password + "!", "new2", password + "!", "id", fmt.Sprint(bob.ID),
				"is_active", "on", "is_staff", "on", "groups", fmt.Sprint(editors.ID), "words", "END ALL 1", "live", "1", "sure", "yes",
				"handle", d.visitor("Sonam").String()}
			accounts.asks(b, func() *testkit.Reply { return b.post(place.path, form...) }, func(a *testkit.Reply) {
				if a.StatusCode != 303 {
					wantsAway(a)
					return
				}
				delete(b.Jar, "adminmessages")
				delete(b.Jar, "adminwall") // the wall screen is open
				now := strings.Count(d.log.String(), "audit entry could not be written")
				if now == missing {
					t.Errorf("%s = 303, and nothing says that it was not recorded", a.What)
				}
				missing = now
			})
		})
	}
}

// Without the accounts a sign-in is refused with 503, and counts as no failure.
func TestAccountsAway_SignIn(t *testing.T) {
	d, accounts, _, _ := openAway(t)
	b := d.signedOut()
	accounts.breakAfter(0, false)
	for range 20 {
		a := wantsAway(b.post("/admin/login/", "username", "ada", "password", password))
		if a.Header.Get("Retry-After") == "" || !strings.Contains(a.Text, `href="/admin/">Try again`) {
			t.Errorf("%s: Retry-After %q; want one, and a way on", a.What, a.Header.Get("Retry-After"))
		}
	}
	accounts.mend()
	b.post("/admin/login/", "username", "ada", "password", password).Wants(303)
	b.get("/admin/").Wants(200)
}

// Operators can always sign out. The server's log has what the audit log lacks.
func TestAccountsAway_SignOut(t *testing.T) {
	d, accounts, _, _ := openAway(t)
	b := d.as("ada")
	id := must(d.accounts.UserByName(t.Context(), "ada")).ID
	session := b.Jar["adminid"]
	accounts.breakAfter(0, false)
	if a := b.post("/admin/logout/").Wants(303); a.Leads() != "/admin/login/" {
		t.Errorf("leads to %s; want the sign-in page", a.Leads())
	}
	wantsAway(b.get("/admin/login/")).Wants(503, "You have signed out.", "could not be written to the audit log")
	accounts.mend()
	b.Jar["adminid"] = session
	b.get("/admin/").Wants(303)
	if log := d.log.String(); !strings.Contains(log, "action=logout") {
		t.Errorf("the log lacks the sign-out of user %d:\n%s", id, log)
	}
}

// While it is unknown whether there is a superuser, the link of the first run opens
// nothing. It works when the accounts are back.
func TestAccountsAway_FirstRun(t *testing.T) {
	var key string
	accounts := new(troubled)
	d := openConsole(t, func(cfg *console.Config) {
		cfg.FirstRun, key = console.NewFirstRun(cfg.Now())
		accounts.Accounts, accounts.left = cfg.Accounts, -1
		cfg.Accounts, cfg.Files = accounts, accounts.files
	})
	b := d.signedOut()
	const link = "/admin/first-run/"
	form := []string{"key", key, "username", "eve", "new1", password, "new2", password}
	accounts.breakAfter(0, false)
	wantsAway(b.get(link)).Lacks(key)
	wantsAway(b.post("/admin/first-run/", form...)).Lacks(key)
	wantsAway(b.get("/admin/login/"))
	accounts.mend()
	if n := must(d.accounts.Users(t.Context(), account.UserQuery{})).Total; n != 0 {
		t.Errorf("%d users were created without an answer; want none", n)
	}
	b.get(link).Wants(200, "Create the first operator")
	accounts.breakAfter(1, false) // it goes away after FirstRun
	wantsAway(b.post("/admin/first-run/", form...)).Lacks(key)
	accounts.mend()
	b.post("/admin/first-run/", form...).Wants(303)
}

// An open dashboard hears that the accounts are unavailable, and no figures until it is
// known again that its operator may see them. Then it gets what it missed.
func TestAccountsAway_Stream(t *testing.T) {
	d, accounts, _, _ := openAway(t)
	d.staff("sviewer", account.ViewSession)
	d.monitor.add(monitor.Counters{Sessions: 7})
	b := d.as("sviewer")
	s := b.watch()
	defer s.close()
	s.next()
	accounts.breakAfter(0, false)
	d.monitor.add(monitor.Counters{Sessions: 8})
	if got := s.next(); !strings.Contains(got, "event: files\ndata: ") || !strings.Contains(got, "accounts.sqlite is unavailable") || strings.Contains(got, "id: ") {
		t.Errorf("without the accounts the stream says %q; want the banner and no sample", got)
	}
	d.monitor.add(monitor.Counters{Sessions: 9})
	if got := s.next(); got != "event: beat\ndata: 1\n\n" {
		t.Errorf("then the stream says %q; want a heartbeat", got)
	}
	wantsAway(b.get("/admin/stream/"))
	accounts.mend()
	d.monitor.add(monitor.Counters{Sessions: 10})
	if got := s.next(); !strings.Contains(got, "event: files\ndata: \"\"\n\n") || !strings.Contains(got, "id: 4\n") || strings.Count(got, "],[") != 2 {
		t.Errorf("with the accounts the stream says %q; want an empty banner and three samples", got)
	}
	if _, err := d.accounts.SetPassword(t.Context(), owner, must(d.accounts.UserByName(t.Context(), "sviewer")).ID, password+"8"); err != nil {
		t.Fatal(err)
	}
	s.ends("after a change of password", "revoked")
}
