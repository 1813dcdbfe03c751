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
		{by, filtered(account.ActionRevokeBegin, 0, "search", "a<b", "found", "1200"), "<b>ada</b> began to end 1\u202f200 sessions: search “a&lt;b”</td>"},
		{by, filtered(account.ActionRevokeBegin, 0, "server", "one"), "<b>ada</b> began to end sessions: all live sessions; on server one</td>"},
		{by, filtered(account.ActionRevokeMatch, 1200, "address", "192.0.2.1", "browser", "curl/8", "found", "1200").Filtered(account.Change{Field: "sessions", Added: []string{"1a2b3c4d", "5e6f7081"}, More: 1198}),
			"<b>ada</b> ended 1\u202f200 sessions: address “192.0.2.1”, browser “curl/8”; 1a2b3c4d, 5e6f7081 and 1\u202f198 more</td>"},
		{by, filtered(account.ActionRevokeMatch, 1, "search", "x", "found", "3", "outcome", "stopped by an operator"), "<b>ada</b> ended 1 of 3 sessions: search “x”; stopped by an operator</td>"},
		{by, filtered(account.ActionRevokeMatch, 0, "search", "x", "found", "3", "outcome", "cut off by a crash"), "<b>ada</b> ended sessions: search “x”; cut off by a crash</td>"},
		{by, account.Event{Action: account.ActionRevokeStop, Kind: account.KindSession, ObjectID: "matching-X"}, "<b>ada</b> stopped ending sessions</td>"},
		{by, filtered(account.ActionExport, 7, "search", "x", "state", "Ended"), "<b>ada</b> exported the data of 7 sessions: search “x”, state “Ended”</td>"},
		{by, filtered(account.ActionExport, 2, "fingerprint", "1a2b"), "<b>ada</b> exported the data of 2 sessions: fingerprint “1a2b”</td>"},
		{by, filtered(account.ActionExport, 1, "fingerprint", "1a2b3c4d5e"), "<b>ada</b> exported the data of 1 session: handle “1a2b3c4d5e”</td>"},
		{by, filtered(account.ActionExport, 4, "search", strings.Repeat("x", 420)), "<b>ada</b> exported the data of 4 sessions: search “" + strings.Repeat("x", 297) + "…” and 123 more characters</td>"},
		{by, account.Event{Action: account.ActionClear, Kind: account.KindSession, Count: 1}, "<b>ada</b> removed 1 expired session</td>"},
		{by, account.Event{Action: account.ActionClear, Kind: account.KindSession, Count: 0}, "<b>ada</b> removed 0 expired sessions</td>"},
		{by, account.Event{Action: account.ActionPassword, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"password"}}, "<b>ada</b> changed their own password</td>"},
		{by, account.Event{Action: account.ActionPassword, Kind: account.KindUser, ObjectID: id(bob), Object: "bob", Fields: []string{"password"}}, `<b>ada</b> changed the password of user <a href="` + userAt(bob, "") + `">bob</a></td>`},
		{by, account.Event{Action: account.ActionChange, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"first_name", "is_staff"}}, "<b>ada</b> changed their own account: first name, staff</td>"},
		{by, account.Event{Action: account.ActionDisable, Kind: account.KindUser, ObjectID: id(bob), Object: "bob", Fields: []string{"is_active"}}, `<b>ada</b> disabled user <a href="` + userAt(bob, "") + `">bob</a></td>`},
		{by, account.Event{Action: account.ActionChange, Kind: account.KindGroup, ObjectID: "7", Object: "editors", Fields: []string{"name", "permissions"}, Changes: []account.Change{
			{Field: "name", From: "a&b", To: "editors"}, {Field: "permissions", Added: []string{"view_user", "fly"}, Removed: []string{"delete_session"}, More: 2}}},
			"<b>ada</b> changed group <b>editors</b>: name (a&amp;b → editors), permissions (added: Can view user, fly; removed: Can delete session; and 2 more)</td>"},
		{by, account.Event{Action: account.ActionChange, Kind: account.KindUser, ObjectID: id(bob), Object: "bob", Fields: []string{"email", "is_superuser"}, Changes: []account.Change{
			{Field: "is_superuser", From: "no", To: "yes"}}}, `<b>ada</b> changed user <a href="` + userAt(bob, "") + `">bob</a>: email, superuser (no → yes)</td>`},
		{by, account.Event{Action: account.ActionEnable, Kind: account.KindUser, ObjectID: "999", Object: "gone", Fields: []string{"email", "is_active"}}, "<b>ada</b> enabled user <b>gone</b>: email</td>"},
		{by, account.Event{Action: account.ActionSignOut, Kind: account.KindUser, ObjectID: id(ada), Object: "ada"}, "<b>ada</b> signed out</td>"},
		{by, account.Event{Action: account.ActionSignInFailed, Kind: account.KindUser, ObjectID: id(ada), Object: "ada"}, "<b>ada</b> entered a wrong current password</td>"},
		{account.Actor{Via: account.ViaCommandLine}, account.Event{Action: account.ActionDelete, Kind: account.KindGroup, ObjectID: "7", Object: "editors"}, "<b>The command line</b> deleted group <b>editors</b></td>"},
		{owner, account.Event{Action: account.ActionImport, Kind: account.KindUser, ObjectID: id(bob), Object: "bob"}, `<b>root</b> <span class="pill">command line</span> imported user <a href="` + userAt(bob, "") + `">bob</a></td>`},
		{owner, account.Event{Action: account.ActionAdd, Kind: account.KindUser, Count: 12}, "<b>root</b> <span class=\"pill\">command line</span> added 12 users</td>"},
		{owner, account.Event{Action: account.ActionConflict, Kind: account.KindUser, ObjectID: "7", Object: "finn"}, "<b>root</b> <span class=\"pill\">command line</span> found an ambiguous name: user <b>finn</b></td>"},
		{by, account.Event{Action: account.ActionSignIn, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"recovery_code"}}, "<b>ada</b> signed in: recovery code</td>"},
		{owner, account.Event{Action: account.ActionSignInFailed, Kind: account.KindUser, ObjectID: id(bob), Object: "bob", Fields: []string{"second_factor"}}, `<b>root</b> <span class="pill">command line</span> failed to sign in as <a href="` + userAt(bob, "") + `">bob</a>: second factor</td>`},
		{by, account.Event{Action: account.ActionFactorAdd, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"totp"}}, "<b>ada</b> added a second factor: authenticator app</td>"},
		{by, account.Event{Action: account.ActionFactorRemove, Kind: account.KindUser, ObjectID: id(ada), Object: "ada", Fields: []string{"passkey"}}, "<b>ada</b> removed a second factor: passkey</td>"},
		{by, account.Event{Action: account.ActionFactorReset, Kind: account.KindUser, ObjectID: id(bob), Object: "bob"}, `<b>ada</b> removed all second factors of user <a href="` + userAt(bob, "") + `">bob</a></td>`},
		{by, account.Event{Action: account.ActionRecovery, Kind: account.KindUser, ObjectID: id(ada), Object: "ada"}, "<b>ada</b> made new recovery codes</td>"},
		{owner, account.Event{Action: account.ActionBackup, Kind: account.KindBackup}, "<b>root</b> <span class=\"pill\">command line</span> made a backup</td>"},
		{by, account.Event{Action: account.ActionBackup, Kind: account.KindBackup, Object: "one.tar"}, "<b>ada</b> made backup <b>one.tar</b></td>"},
		{by, account.Event{Action: account.ActionDownload, Kind: account.KindBackup, Object: "one.tar"}, "<b>ada</b> downloaded backup <b>one.tar</b></td>"},
		{owner, account.Event{Action: account.ActionRestore, Kind: account.KindBackup, Object: "2026-11-30T06:41:27Z"}, "<b>root</b> <span class=\"pill\">command line</span> restored the backup of <b>2026-11-30T06:41:27Z</b></td>"},
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

// filtered is an event about sessions that a filter of fields and values found.
func filtered(action account.Action, n int, pairs ...string) account.Event {
	e := account.Event{Action: action, Kind: account.KindSession, ObjectID: "matching-X", Count: n}
	for i := 0; i < len(pairs); i += 2 {
		e = e.Filtered(account.Change{Field: pairs[i], To: pairs[i+1]})
	}
	return e
}
