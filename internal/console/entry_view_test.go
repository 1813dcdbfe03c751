package console_test

import (
	"strconv"
	"strings"
	"testing"

	"pagesession/internal/account"
)

// Every kind of entry is a sentence.
func TestEntries_InWords(t *testing.T) {
	d := openConsole(t)
	ada := d.superuser("ada")
	bob := d.staff("bob")
	by := account.Console(ada, "192.0.2.7")
	b := d.as("ada")
	for _, c := range []struct {
		by     account.Actor
		record account.Event
		says   string
	}{
		{by, account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: "1a2b3c4d", Object: "1a2b3c4d", Count: 1}, "<b>ada</b> ended session <b>1a2b3c4d</b>"},
		{by, account.Event{Action: account.ActionRevoke, Kind: account.KindSession, Count: 3}, "<b>ada</b> ended 3 sessions</td>"},
		{by, account.Event{Action: account.ActionRevoke, Kind: account.KindConsole, ObjectID: id(bob), Object: "bob", Count: 2}, "<b>ada</b> ended 2 console sessions of bob</td>"},
		{by, account.Event{Action: account.ActionRevokeAll, Kind: account.KindSession, Count: 1234567}, "<b>ada</b> ended all sessions (1\u202f234\u202f567)</td>"},
		{by, account.Event{Action: account.ActionClear, Kind: account.KindSession, Count: 1}, "<b>ada</b> cleared 1 expired session</td>"},
		{by, account.Event{Action: account.ActionClear, Kind: account.KindSession, Count: 0}, "<b>ada</b> cleared 0 expired sessions</td>"},
		{by, account.Event{Action: account.ActionPassword, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"password"}}, "<b>ada</b> changed their own password</td>"},
		{by, account.Event{Action: account.ActionPassword, Kind: account.KindUser, ObjectID: id(bob), Object: "bob", Fields: []string{"password"}}, `<b>ada</b> changed the password of user <a href="` + userAt(bob, "") + `">bob</a></td>`},
		{by, account.Event{Action: account.ActionChange, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"first_name", "is_staff"}}, "<b>ada</b> changed their own account: first name, staff</td>"},
		{by, account.Event{Action: account.ActionDisable, Kind: account.KindUser, ObjectID: id(bob), Object: "bob", Fields: []string{"is_active"}}, `<b>ada</b> disabled user <a href="` + userAt(bob, "") + `">bob</a></td>`},
		{by, account.Event{Action: account.ActionEnable, Kind: account.KindUser, ObjectID: "999", Object: "gone", Fields: []string{"email", "is_active"}}, "<b>ada</b> enabled user <b>gone</b>: email</td>"},
		{by, account.Event{Action: account.ActionSignOut, Kind: account.KindUser, ObjectID: id(ada), Object: "ada"}, "<b>ada</b> signed out</td>"},
		{by, account.Event{Action: account.ActionSignInFailed, Kind: account.KindUser, ObjectID: id(ada), Object: "ada"}, "<b>ada</b> entered a wrong current password</td>"},
		{account.Actor{Via: account.ViaCommandLine}, account.Event{Action: account.ActionDelete, Kind: account.KindGroup, ObjectID: "7", Object: "editors"}, "<b>The command line</b> deleted group <b>editors</b></td>"},
		{owner, account.Event{Action: account.ActionImport, Kind: account.KindUser, ObjectID: id(bob), Object: "bob"}, `<b>root</b> imported user <a href="` + userAt(bob, "") + `">bob</a></td>`},
		{owner, account.Event{Action: account.ActionAdd, Kind: account.KindUser, Count: 12}, "<b>root</b> added 12 users</td>"},
		{owner, account.Event{Action: account.ActionConflict, Kind: account.KindUser, ObjectID: "7", Object: "finn"}, "<b>root</b> found an ambiguous name: user <b>finn</b></td>"},
		{by, account.Event{Action: account.ActionSignIn, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"recovery_code"}}, "<b>ada</b> signed in: recovery code</td>"},
		{owner, account.Event{Action: account.ActionSignInFailed, Kind: account.KindUser, ObjectID: id(bob), Object: "bob", Fields: []string{"second_factor"}}, `<b>root</b> failed to sign in as <a href="` + userAt(bob, "") + `">bob</a>: second factor</td>`},
		{by, account.Event{Action: account.ActionFactorAdd, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"totp"}}, "<b>ada</b> added a second factor: authenticator app</td>"},
		{by, account.Event{Action: account.ActionFactorRemove, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"passkey"}}, "<b>ada</b> removed a second factor: passkey</td>"},
		{by, account.Event{Action: account.ActionFactorReset, Kind: account.KindUser, ObjectID: id(bob), Object: "bob"}, `<b>ada</b> removed all second factors of user <a href="` + userAt(bob, "") + `">bob</a></td>`},
		{by, account.Event{Action: account.ActionRecovery, Kind: account.KindUser, ObjectID: id(ada), Object: "ada"}, "<b>ada</b> made new recovery codes</td>"},
	} {
		if err := d.accounts.Audit(t.Context(), c.by, c.record); err != nil {
			t.Fatal(err)
		}
		body := b.get("/admin/log/?action="+string(c.record.Action)).Wants(200, c.says, "<time datetime=").Text
		if c.by.Address != "" && !strings.Contains(body, "from 192.0.2.7, console") {
			t.Errorf("%q is not said to come from anywhere", c.says)
		}
	}
}

func id(u account.User) string { return strconv.FormatUint(u.ID, 10) }

// All actions to filter by have names.
func TestLog_ActionsHaveNames(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	page := d.as("ada").get("/admin/log/").Wants(200)
	for _, a := range account.Actions() {
		page.Wants(200, `<option value="`+string(a)+`">`).Lacks(`<option value="`+string(a)+`"></option>`, ":</option>")
	}
}

// A link is only for those who may follow it.
func TestEntries_Links(t *testing.T) {
	d, bob, _ := people(t)
	link := `href="` + userAt(bob, "") + `"`
	d.run(t, []scenario{
		{who: "ada", path: "/admin/log/", status: 200, contains: []string{link}},
		{who: "auditor", path: "/admin/log/", status: 200, contains: []string{"<b>bob</b>"}, lacks: []string{link}},
		{who: "bob", path: userAt(bob, "history/"), status: 403}, // bob may not look at users
	})
}

// Rights that are taken away are gone with the next request, and those that are
// given are there.
func TestRights_AtOnce(t *testing.T) {
	d := openConsole(t)
	bob := d.staff("bob", account.ViewUser)
	b := d.as("bob")
	b.get("/admin/users/").Wants(200)
	bob, _ = d.accounts.User(t.Context(), bob.ID)
	bob.Permissions = []account.Permission{account.ViewGroup}
	if _, err := d.accounts.UpdateUser(t.Context(), owner, bob); err != nil {
		t.Fatal(err)
	}
	b.get("/admin/users/").Wants(403)
	b.get("/admin/groups/").Wants(200).Lacks(`href="/admin/users/"`)
	// Users may read their own history if they may look at users at all.
	bob, _ = d.accounts.User(t.Context(), bob.ID)
	bob.Permissions = []account.Permission{account.ViewUser}
	if _, err := d.accounts.UpdateUser(t.Context(), owner, bob); err != nil {
		t.Fatal(err)
	}
	b.get(userAt(bob, "history/")).Wants(200, "changed user", "permissions")
}
