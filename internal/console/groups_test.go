package console_test

import (
	"fmt"
	"testing"

	"pagesession/internal/account"
)

func TestGroups(t *testing.T) {
	d, bob, editors := people(t)
	ada := d.as("ada")
	ada.get("/admin/groups/").Wants(200, ">editors</a>", "Add group", fmt.Sprintf(`href="/admin/users/?group=%d">1</a>`, editors.ID))
	ada.get("/admin/groups/?q=nope").Wants(200, "No matching groups")
	a := ada.post("/admin/groups/add/", "name", "night watch", "permissions", "delete_session", "permissions", "view_session", "_continue", "1")
	a.Wants(303)
	ada.get(a.Leads()).Wants(200, "The group was added", `value="night watch"`, `value="delete_session" aria-label="Can delete session" checked`)
	ada.get("/admin/groups/?o=-name").Wants(200, `aria-sort="descending"`)

	ada.post(groupAt(editors, ""), "name", "writers", "permissions", "view_group", "version", fmt.Sprint(editors.Version)).Wants(303)
	got, _ := d.accounts.User(t.Context(), bob.ID)
	if !got.Can(account.ViewGroup) || got.Can(account.ViewSession) {
		t.Errorf("bob may %v; want what the group gives now", got.Effective())
	}
	ada.post(groupAt(editors, ""), "name", "readers", "permissions", "view_session", "version", fmt.Sprint(editors.Version)).
		Wants(409, "someone else has changed this in the meantime", "It differs in: name, permissions", `value="readers"`)
	ada.get(groupAt(editors, "history/")).Wants(200, "changed group", ": name (editors → writers), permissions (added: Can view group; removed: Can view session)")

	ada.get(groupAt(editors, "delete/")).Wants(200, "1 member loses 1 permission", "Delete this group")
	ada.get(fmt.Sprintf("/admin/groups/delete/?id=%d&id=77", editors.ID)).Wants(200, "Delete this group")
	ada.post("/admin/groups/delete/", "id", fmt.Sprint(editors.ID), "id", "77").Wants(409, "no longer exist")
	ada.post(groupAt(editors, "delete/")).Wants(303)
	ada.get("/admin/groups/").Wants(200, "The group was deleted").Lacks(">writers</a>")
	if got, _ := d.accounts.User(t.Context(), bob.ID); len(got.Groups) != 0 {
		t.Errorf("bob is in %v; want in none", got.Groups)
	}
}

func TestGroups_Wrong(t *testing.T) {
	d, _, editors := people(t)
	d.run(t, []scenario{
		{who: "ada", method: "POST", path: "/admin/groups/add/", form: []string{"name", "editors", "permissions", "view_user"}, status: 422, contains: []string{"already exists", `value="editors"`, `value="view_user" aria-label="Can view user" checked`}},
		{who: "ada", method: "POST", path: "/admin/groups/add/", form: []string{"name", " "}, status: 422, contains: []string{"required"}},
		{who: "ada", method: "POST", path: "/admin/groups/add/", form: []string{"name", "x", "permissions", "fly"}, status: 422, contains: []string{"fly"}},
		{who: "gadder", method: "POST", path: "/admin/groups/add/", form: []string{"name", "mighty", "permissions", "delete_user"}, status: 403, contains: []string{"your permissions do not allow this", `value="mighty"`}},
		{who: "gchanger", method: "POST", path: groupAt(editors, ""), form: []string{"name", "editors", "permissions", "delete_user"}, status: 403, contains: []string{"your permissions do not allow this"}},
		{who: "gchanger", path: groupAt(editors, ""), status: 200, contains: []string{`value="view_session" aria-label="Can view session" checked disabled`, "only permissions that you have yourself"}, lacks: []string{"Delete…"}},
		{who: "gviewer", path: groupAt(editors, ""), status: 200, contains: []string{"Can view session"}, lacks: []string{"<form class=\"sheet\"", "Save"}},
		{who: "gviewer", method: "POST", path: groupAt(editors, ""), form: []string{"name", "mine"}, status: 403},
		{who: "gviewer", method: "POST", path: groupAt(editors, "delete/"), form: []string{}, status: 403},
		{who: "gchanger", method: "POST", path: groupAt(editors, ""), form: []string{"name", "authors"}, status: 303},
	})
	got, _ := d.accounts.Group(t.Context(), editors.ID)
	if got.Name != "authors" || len(got.Permissions) != 1 {
		t.Errorf("the group is %+v; want renamed, and with what its changer could not touch", got)
	}
}

// The table of permissions has boxes only for those that allow something. One that
// does not, but is given, for example by an import, has a box to take it.
func TestGroups_PermissionsWithoutEffect(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	ada := d.as("ada")
	a := ada.get("/admin/groups/add/").Wants(200, `value="delete_session"`, `value="view_logentry"`, ">not used<", "A dash means")
	for _, p := range []account.Permission{account.AddSession, account.ChangeSession, account.AddLogEntry, account.ChangeLogEntry, account.DeleteLogEntry} {
		a.Lacks(`value="` + string(p) + `"`)
	}
	g, err := d.accounts.CreateGroup(t.Context(), owner, account.Group{Name: "imported", Permissions: []account.Permission{account.AddSession, account.ViewUser}})
	if err != nil {
		t.Fatal(err)
	}
	ada.get(groupAt(g, "")).Wants(200, `value="add_session" aria-label="Can add session, no effect" checked`).Lacks(`value="change_session"`)
}
