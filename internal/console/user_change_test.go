package console_test

import (
	"fmt"
	"testing"

	"pagesession/internal/account"
)

// whole is a form of a user, as the browser sends it, with some changes.
func whole(u account.User, changes ...string) []string {
	form := []string{"username", u.Username, "email", u.Email, "first_name", u.FirstName, "last_name", u.LastName, "version", fmt.Sprint(u.Version)}
	for i := 0; i < len(changes); i += 2 {
		replaced := false
		for j := 0; j < len(form); j += 2 {
			if form[j] == changes[i] {
				form[j+1], replaced = changes[i+1], true
			}
		}
		if !replaced {
			form = append(form, changes[i], changes[i+1])
		}
	}
	for _, flag := range []struct {
		name string
		on   bool
	}{{"is_active", u.Active}, {"is_staff", u.Staff}, {"is_superuser", u.Superuser}} {
		if flag.on && !contains(changes, flag.name) {
			form = append(form, flag.name, "on")
		}
	}
	for _, g := range u.Groups {
		if !contains(changes, "groups") {
			form = append(form, "groups", fmt.Sprint(g))
		}
	}
	for _, p := range u.Permissions {
		if !contains(changes, "permissions") {
			form = append(form, "permissions", string(p))
		}
	}
	return form
}

func contains(pairs []string, name string) bool {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == name {
			return true
		}
	}
	return false
}

func TestUserChange(t *testing.T) {
	d, bob, _ := people(t)
	ada := d.as("ada")
	page := ada.get(userAt(bob, ""))
	page.Wants(200, `value="bob@example.org"`, "Joined", "Last sign-in", "never", "Set password", "History", "Delete…", fmt.Sprintf(`name="version" value="%d"`, bob.Version))
	a := ada.post(userAt(bob, ""), whole(bob, "email", "bob2@example.org", "permissions", "view_group")...)
	if a.Wants(303); a.Leads() != "/admin/users/" {
		t.Errorf("leads to %s", a.Leads())
	}
	ada.get("/admin/users/").Wants(200, "The user was changed.", "bob2@example.org")
	got, _ := d.accounts.User(t.Context(), bob.ID)
	if got.Email != "bob2@example.org" || !got.Can(account.ViewGroup) || len(got.Groups) != 1 {
		t.Errorf("changed to %+v", got)
	}
	if a := ada.post(userAt(bob, ""), whole(got, "_continue", "1")...); a.Wants(303).Leads() != userAt(bob, "") {
		t.Errorf("continue leads to %s", a.Leads())
	}
	ada.get(userAt(bob, "")).Wants(200, "Nothing was changed")
	ada.get(userAt(bob, "history/")).Wants(200, "<b>ada</b> changed user <a href=\""+userAt(bob, "")+"\">bob</a>: email, permissions", "added user", "command line")
}

// Of two operators who change the same user the second sees what differs, keeps
// what was typed, and may then decide.
func TestUserChange_Twice(t *testing.T) {
	d, bob, _ := people(t)
	ada := d.as("ada")
	ada.post(userAt(bob, ""), whole(bob, "email", "first@example.org")...).Wants(303)
	a := ada.post(userAt(bob, ""), whole(bob, "last_name", "Wangmo")...)
	a.Wants(409, "someone else has changed this in the meantime", "It differs in: last name, email.", `value="Wangmo"`, `value="bob@example.org"`, fmt.Sprintf(`value="%d"`, bob.Version+1))
	if got, _ := d.accounts.User(t.Context(), bob.ID); got.Email != "first@example.org" || got.LastName != "Dorji" {
		t.Errorf("the second change went through: %+v", got)
	}
	bob.Version++
	ada.post(userAt(bob, ""), whole(bob, "last_name", "Wangmo")...).Wants(303)
}

// A mistake is shown with all that was typed, and does not make a form that is
// out of date a fresh one.
func TestUserChange_Wrong(t *testing.T) {
	d, bob, _ := people(t)
	ada := d.as("ada")
	ada.post(userAt(bob, ""), whole(bob, "email", "nonsense")...).Wants(422, `value="nonsense"`, "valid email", fmt.Sprintf(`name="version" value="%d"`, bob.Version))
	ada.post(userAt(bob, ""), whole(bob, "email", "first@example.org")...).Wants(303)
	ada.post(userAt(bob, ""), whole(bob, "email", "more nonsense")...).Wants(409, `value="more nonsense"`)
}

// Operators can give only what they have, to themselves or to others, and what they
// could not touch stays as it was.
func TestUserChange_Escalation(t *testing.T) {
	d, bob, editors := people(t)
	powers, err := d.accounts.CreateGroup(t.Context(), owner, account.Group{Name: "powers", Permissions: []account.Permission{account.DeleteUser}})
	if err != nil {
		t.Fatal(err)
	}
	changer, _ := d.accounts.UserByName(t.Context(), "changer")
	b := d.as("changer")
	b.get(userAt(bob, "")).Wants(200, `id="is_superuser" name="is_superuser" value="on" disabled`, "Only superusers", "grants permissions that you lack",
		`value="delete_user" aria-label="Can delete user" disabled`, `value="change_user" aria-label="Can change user">`).Lacks("Set password", "Delete…", "_addanother")
	for _, u := range []account.User{bob, changer} {
		for _, bad := range [][]string{
			{"is_superuser", "on"},
			{"permissions", "delete_user"},
			{"groups", fmt.Sprint(powers.ID)},
		} {
			a := b.post(userAt(u, ""), whole(u, bad...)...)
			a.What += fmt.Sprint(" ", u.Username, " ", bad)
			a.Wants(403, "your permissions do not allow this")
			if got, _ := d.accounts.User(t.Context(), u.ID); got.Superuser || got.Can(account.DeleteUser) {
				t.Fatalf("%v made %+v", bad, got)
			}
		}
	}
	// Boxes that are disabled are not sent: nothing is lost by that.
	b.post(userAt(bob, ""), "username", "bob", "is_active", "on", "is_staff", "on", "permissions", "change_user", "version", fmt.Sprint(bob.Version)).Wants(303)
	if got, _ := d.accounts.User(t.Context(), bob.ID); len(got.Groups) != 1 || got.Groups[0] != editors.ID || !got.Can(account.ChangeUser) {
		t.Errorf("bob is %+v; want the user in the group still", got)
	}
	a := d.as("adder")
	for _, bad := range [][]string{{"is_superuser", "on"}, {"permissions", "delete_user"}, {"groups", fmt.Sprint(powers.ID)}} {
		a.post("/admin/users/add/", append([]string{"username", "mallory", "new1", password, "new2", password}, bad...)...).Wants(403, "your permissions do not allow this", `value="mallory"`)
	}
	if _, err := d.accounts.UserByName(t.Context(), "mallory"); err == nil {
		t.Error("mallory was added")
	}
}

// Operators cannot lock themselves out.
func TestUserChange_Oneself(t *testing.T) {
	d, _, _ := people(t)
	ada, _ := d.accounts.UserByName(t.Context(), "ada")
	b := d.as("ada")
	ada, _ = d.accounts.User(t.Context(), ada.ID)
	for _, without := range []string{"is_active", "is_staff", "is_superuser"} {
		form := whole(ada, "last_name", "Lovelace", without, "")
		a := b.post(userAt(ada, ""), form...)
		a.What += " without " + without
		a.Wants(403, "you cannot delete, disable or demote yourself", `value="Lovelace"`)
	}
	b.post(userAt(ada, "delete/"), "id", fmt.Sprint(ada.ID)).Wants(403, "you cannot delete, disable or demote yourself")
	b.get(userAt(ada, "delete/")).Wants(200, "cannot be deleted: this is you").Lacks("Delete this user")
	b.get(userAt(ada, "")).Wants(200).Lacks("Delete…")
	b.get("/admin/").Wants(200)
}
