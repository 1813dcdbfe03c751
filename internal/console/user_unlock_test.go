package console_test

import (
	"testing"

	"pagesession/internal/account"
)

func TestUserUnlock(t *testing.T) {
	d := openConsole(t)
	ada := d.superuser("ada")
	editor, bob := d.staff("editor", account.ViewUser, account.ChangeUser), d.staff("bob")
	b, viewer := d.as("editor"), d.staff("viewer", account.ViewUser)
	seen := d.as("viewer")
	const button = "Clear failed sign-ins"
	b.get(userAt(bob, "")).Wants(200).Lacks(button) // there are none
	d.attack("bob")
	b.get(userAt(bob, "")).Wants(200, button, userAt(bob, "unlock/"))
	b.get(userAt(ada, "")).Wants(200).Lacks(button) // a superuser, whom only superusers change
	seen.get(userAt(bob, "")).Wants(200).Lacks(button)
	seen.post(userAt(bob, "unlock/")).Wants(403)
	b.post(userAt(ada, "unlock/")).Wants(403)
	b.get(userAt(bob, "unlock/")).Wants(405)
	d.signedOut().post("/admin/login/", "username", "bob", "password", password).Wants(429)
	if a := b.post(userAt(bob, "unlock/")).Wants(303); a.Leads() != userAt(bob, "") {
		t.Errorf("the button leads to %s", a.Leads())
	}
	b.get(userAt(bob, "")).Wants(200, "10 failed sign-ins of the user were cleared.").Lacks(button)
	b.post(userAt(bob, "unlock/")).Wants(303)
	b.get(userAt(bob, "")).Wants(200, "There were no failed sign-ins of the user to clear.")
	d.signedOut().post("/admin/login/", "username", "bob", "password", password).Wants(303)
	if e := d.entries(account.EntryQuery{Action: account.ActionUnlock}); len(e) != 2 || e[0].Actor.UserID != editor.ID || e[0].Object != "bob" {
		t.Errorf("entries %+v; want two of editor about bob, none of %q", e, viewer.Username)
	}
	d.as("ada").get("/admin/log/").Wants(200, `<b>editor</b> cleared the failed sign-ins of user <a href="`+userAt(bob, "")+`">bob</a>`)
}
