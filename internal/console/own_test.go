package console_test

import (
	"fmt"
	"testing"
	"time"

	"pagesession/internal/account"
)

// Operators who set their own password among the users are asked for the current one. They
// go on, under a new id; elsewhere they are signed out.
func TestUserPassword_OnesOwn(t *testing.T) {
	for _, super := range []bool{true, false} {
		d := openConsole(t)
		ada := d.add(account.User{Username: "ada", Staff: true, Superuser: super, Permissions: []account.Permission{account.ChangeUser}})
		here, elsewhere := d.as("ada"), d.as("ada")
		old, path := here.Jar["adminid"], userAt(ada, "password/")
		here.get(path).Wants(200, "Change your password", "Current password", "Your other sessions end")
		here.post(path, "new1", password+"8", "new2", password+"8").Wants(422, "Enter your current password", `aria-describedby="old-error"`).Lacks(password)
		here.post(path, "old", "wrong", "new1", password+"8", "new2", password+"8").Wants(422, "Your current password is wrong").Lacks(password)
		elsewhere.get("/admin/").Wants(200)
		here.post(path, "old", password, "new1", password+"8", "new2", password+"8").Wants(303)
		here.get("/admin/").Wants(200, "Your password was changed")
		if n := d.operator.Stats().Sessions; n != 1 {
			t.Errorf("%d sessions are left; want 1", n)
		}
		elsewhere.get("/admin/").Wants(303)
		if here.Jar["adminid"] == old {
			t.Error("the session has its old id")
		}
	}
}

func TestUserChange_OnesOwnEmail(t *testing.T) {
	for _, super := range []bool{true, false} {
		d := openConsole(t)
		ada := d.add(account.User{Username: "ada", Email: "ada@example.org", Staff: true, Superuser: super, Permissions: []account.Permission{account.ChangeUser}})
		bob := d.add(account.User{Username: "bob"})
		b, path := d.as("ada"), userAt(ada, "")
		email := func() string { return must(d.accounts.User(t.Context(), ada.ID)).Email }
		b.get(path).Wants(200, `id="old"`)
		b.get(userAt(bob, "")).Wants(200).Lacks(`id="old"`)
		b.get("/admin/users/add/").Lacks(`id="old"`)

		typed := whole(ada, "email", "eve@example.org", "last_name", "Lovelace")
		b.post(path, typed...).Wants(422, "Enter your current password", `aria-describedby="old-error"`, `value="eve@example.org"`, `value="Lovelace"`)
		b.post(path, append(typed, "old", "wrong secret")...).Wants(422, "Your current password is wrong", `value="eve@example.org"`, `value="Lovelace"`).Lacks("wrong secret")
		if e := d.entries(account.EntryQuery{Limit: 1})[0]; e.Action != account.ActionSignInFailed || e.Actor.UserID != ada.ID {
			t.Errorf("entry %+v; want a failed sign-in of ada", e)
		}
		b.post(path, append(whole(ada, "email", "nonsense"), "old", "wrong secret")...).Wants(422, "current password is wrong", "valid email")
		b.post(path, append(whole(ada, "email", "nonsense"), "old", password)...).Wants(422, "valid email").Lacks("current password is wrong", password)
		if got := email(); got != "ada@example.org" {
			t.Fatalf("the e-mail address became %q without the password", got)
		}
		b.post(path, append(typed, "old", password)...).Wants(303)
		if got := email(); got != "eve@example.org" {
			t.Errorf("the e-mail address is %q", got)
		}
		b.get("/admin/users/").Wants(200)

		ada = must(d.accounts.User(t.Context(), ada.ID))
		b.post(path, append(whole(ada, "first_name", "Ada"), "old", "filled in by the browser")...).Wants(303) // not needed, not checked
		b.post(userAt(bob, ""), whole(bob, "email", "bob@example.org")...).Wants(303)
	}
}

// A person at an unattended console has as many tries as on the sign-in page: ten of the
// browser, and then ten of the network.
func TestUserChange_OnesOwnIsThrottled(t *testing.T) {
	d := openConsole(t)
	ada := d.superuser("ada")
	b := d.as("ada")
	for i := range 20 {
		form := append(whole(ada, "email", "eve@example.org"), "old", fmt.Sprint("guess", i))
		b.post(userAt(ada, ""), form...).Wants(422)
	}
	b.post(userAt(ada, ""), append(whole(ada, "email", "eve@example.org"), "old", password)...).Wants(429)
	b.post(userAt(ada, "password/"), "old", password, "new1", password+"8", "new2", password+"8").Wants(429)
	d.signedOut().post("/admin/login/", "username", "ada", "password", password).Wants(429)
	d.clock.Advance(5 * time.Minute)
	b.post(userAt(ada, ""), append(whole(ada, "email", "eve@example.org"), "old", password)...).Wants(303)
}
