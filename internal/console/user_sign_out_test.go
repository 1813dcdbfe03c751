package console_test

import (
	"testing"

	"pagesession/internal/account"
)

// The button ends all sessions of another operator, who can sign in again.
func TestUserSignOut(t *testing.T) {
	d := openConsole(t)
	ada := d.superuser("ada")
	editor, bob := d.staff("editor", account.ViewUser, account.ChangeUser), d.staff("bob", account.ViewUser)
	b, one, two := d.as("editor"), d.as("bob"), d.as("bob")
	const button = "End sessions"
	b.get(userAt(bob, "")).Wants(200, button, userAt(bob, "sign-out/"))
	for _, other := range []account.User{ada, editor} { // a superuser, and oneself
		b.get(userAt(other, "")).Wants(200).Lacks(button)
		b.post(userAt(other, "sign-out/")).Wants(403)
	}
	one.get(userAt(ada, "")).Wants(200).Lacks(button)
	one.post(userAt(ada, "sign-out/")).Wants(403)
	b.get(userAt(bob, "sign-out/")).Wants(405)
	if a := b.post(userAt(bob, "sign-out/")).Wants(303); a.Leads() != userAt(bob, "") {
		t.Errorf("the button leads to %s", a.Leads())
	}
	b.get(userAt(bob, "")).Wants(200, "The user’s console sessions have ended.")
	for _, ended := range []*browser{one, two} {
		ended.get("/admin/").Wants(303)
	}
	d.as("bob").get("/admin/").Wants(200)
	d.as("ada").get("/admin/log/").Wants(200, `<b>editor</b> signed out user <a href="`+userAt(bob, "")+`">bob</a>`, "ended 2 console sessions of bob")
}
