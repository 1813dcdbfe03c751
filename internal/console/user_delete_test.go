package console_test

import (
	"fmt"
	"testing"

	"pagesession/internal/account"
)

// A deletion is asked about first, by a page that changes nothing, and says who
// goes.
func TestUserDelete(t *testing.T) {
	d, bob, _ := people(t)
	ada := d.as("ada")
	ada.get(userAt(bob, "delete/")).Wants(200, "You cannot undo this", "Bob Dorji", "1 group membership", "Delete this user", `action="`+userAt(bob, "delete/")+`"`)
	if _, err := d.accounts.User(t.Context(), bob.ID); err != nil {
		t.Fatal("the question deleted bob")
	}
	if a := ada.post(userAt(bob, "delete/")); a.Wants(303).Leads() != "/admin/users/" {
		t.Errorf("leads to %s", a.Leads())
	}
	ada.get("/admin/users/").Wants(200, "The user was deleted.").Lacks(">bob</a>")
	ada.get(userAt(bob, "")).Wants(404)
	ada.get("/admin/log/").Wants(200, "<b>ada</b> deleted user <b>bob</b>").Lacks(`href="` + userAt(bob, "") + `"`)
}

// The users selected in the list are deleted together, or not at all.
func TestUsersDelete(t *testing.T) {
	d, bob, _ := people(t)
	viewer, _ := d.accounts.UserByName(t.Context(), "viewer")
	ada := d.as("ada")
	both := fmt.Sprintf("?id=%d&id=%d&id=%d&id=x&id=9999", bob.ID, viewer.ID, bob.ID)
	ada.get("/admin/users/delete/"+both).Wants(200, "Delete 2 users", ">bob</a>", ">viewer</a>")
	ada.get("/admin/users/delete/").Wants(200, "No user is selected").Lacks("<button class=\"main danger\"")
	if a := ada.post("/admin/users/delete/"); a.Wants(303).Leads() != "/admin/users/" {
		t.Errorf("signed out: leads to %s", a.Leads())
	}
	ada.post("/admin/users/delete/", "id", fmt.Sprint(bob.ID), "id", "9999").Wants(409, "some of these no longer exist", ">bob</a>")
	if _, err := d.accounts.User(t.Context(), bob.ID); err != nil {
		t.Fatal("one of two was deleted")
	}
	ada.post("/admin/users/delete/", "id", fmt.Sprint(bob.ID), "id", fmt.Sprint(viewer.ID)).Wants(303)
	ada.get("/admin/users/").Wants(200, "2 users were deleted.").Lacks(">bob</a>", ">viewer</a>")
}

// A change that takes no rights away leaves the user signed in.
func TestUser_SessionsStay(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	bob := d.staff("bob", account.ViewUser)
	bobs := d.as("bob")
	d.as("ada").post(userAt(bob, ""), whole(bob, "email", "bob@example.org")...).Wants(303)
	bobs.get("/admin/users/").Wants(200, "bob@example.org")
}

func TestUserPassword_Wrong(t *testing.T) {
	d, bob, _ := people(t)
	ada := d.as("ada")
	path := userAt(bob, "password/")
	ada.post(path, "new1", "bobdorji", "new2", "bobdorji").Wants(422, "too similar", `aria-invalid="true"`).Lacks(`value="bobdorji"`)
	ada.post(path, "new1", password, "new2", password+"x").Wants(422, "do not match").Lacks(password)
	ada.post(path).Wants(422)
	d.as("bob").get("/admin/").Wants(200)
}

// The sessions of those who are deleted end with them.
func TestUsersDelete_EndsTheirSessions(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	var form []string
	for _, name := range []string{"bob", "cid", "dan"} {
		form = append(form, "id", id(d.staff(name)))
		d.as(name)
	}
	b.post("/admin/users/delete/", form...).Wants(303)
	if n := d.operator.Stats().Sessions; n != 1 {
		t.Errorf("%d sessions are left; want ada's", n)
	}
}
