package console_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pagesession/internal/account"
)

// people is a fixture with the users of these tests: a superuser, and members of
// the staff with no, one or a few permissions.
func people(t *testing.T) (d *fixture, bob account.User, editors account.Group) {
	t.Helper()
	file := populated(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "accounts.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	d = openConsoleIn(t, dir)
	bob, err := d.accounts.UserByName("bob")
	if err != nil {
		t.Fatal(err)
	}
	if editors, err = d.accounts.GroupByName("editors"); err != nil {
		t.Fatal(err)
	}
	return d, bob, editors
}

// populated is the file of people's accounts. It is made once: hashing a dozen
// passwords for every test takes long.
func populated(t *testing.T) []byte {
	t.Helper()
	population.Do(func() {
		dir := t.TempDir()
		d := openConsoleIn(t, dir)
		d.superuser("ada")
		for name, permissions := range map[string][]account.Permission{
			"none": nil, "auditor": {account.ViewLogEntry},
			"viewer": {account.ViewUser}, "adder": {account.AddUser}, "changer": {account.ChangeUser}, "deleter": {account.DeleteUser},
			"gviewer": {account.ViewGroup}, "gadder": {account.AddGroup}, "gchanger": {account.ChangeGroup}, "gdeleter": {account.DeleteGroup},
		} {
			d.staff(name, permissions...)
		}
		editors, err := d.accounts.CreateGroup(owner, account.Group{Name: "editors", Permissions: []account.Permission{account.ViewSession}})
		if err != nil {
			t.Fatal(err)
		}
		d.add(account.User{Username: "bob", Email: "bob@example.org", FirstName: "Bob", LastName: "Dorji", Staff: true, Groups: []uint64{editors.ID}})
		if err := d.accounts.Close(); err != nil {
			t.Fatal(err)
		}
		if populatedFile, err = os.ReadFile(filepath.Join(dir, "accounts.db")); err != nil {
			t.Fatal(err)
		}
	})
	return populatedFile
}

var (
	population    sync.Once
	populatedFile []byte
)

func userAt(u account.User, rest string) string {
	return "/admin/users/" + strconv.FormatUint(u.ID, 10) + "/" + rest
}

func groupAt(g account.Group, rest string) string {
	return "/admin/groups/" + strconv.FormatUint(g.ID, 10) + "/" + rest
}

// Who may see which page. Users who are not named may not, and a browser that has not
// logged in is sent to the login page, whether the page exists or not.
func TestPeople_WhoSeesWhat(t *testing.T) {
	d, bob, editors := people(t)
	everybody := []string{"none", "viewer", "adder", "changer", "deleter", "gviewer", "gadder", "gchanger", "gdeleter", "auditor", "ada"}
	browsers := map[string]*browser{}
	for _, name := range everybody {
		browsers[name] = d.as(name)
	}
	pages := []struct{ path, may, title string }{
		{"/admin/users/", "viewer changer ada", "<h1>Users</h1>"},
		{"/admin/users/add/", "adder ada", "<h1>Add user</h1>"},
		{"/admin/users/delete/", "deleter ada", "<h1>Delete users</h1>"},
		{userAt(bob, ""), "viewer changer ada", "<h1>bob</h1>"},
		{userAt(bob, "password/"), "ada", "<h1>Set the password of bob</h1>"}, // bob has a permission that changer has not
		{userAt(bob, "delete/"), "deleter ada", "<h1>Delete bob</h1>"},
		{userAt(bob, "history/"), "ada", "<h1>History of bob</h1>"},
		{"/admin/groups/", "gviewer gchanger ada", "<h1>Groups</h1>"},
		{"/admin/groups/add/", "gadder ada", "<h1>Add group</h1>"},
		{"/admin/groups/delete/", "gdeleter ada", "<h1>Delete groups</h1>"},
		{groupAt(editors, ""), "gviewer gchanger ada", "<h1>editors</h1>"},
		{groupAt(editors, "delete/"), "gdeleter ada", "<h1>Delete editors</h1>"},
		{groupAt(editors, "history/"), "ada", "<h1>History of editors</h1>"},
		{"/admin/log/", "auditor ada", "<h1>Audit log</h1>"},
	}
	for _, page := range pages {
		for _, name := range everybody {
			a := browsers[name].get(page.path)
			a.What = name + ": " + a.What
			if !strings.Contains(" "+page.may+" ", " "+name+" ") {
				a.Wants(403, "Not allowed").Lacks(page.title, "bob@example.org")
				continue
			}
			a.Wants(200, page.title, `aria-label="Breadcrumbs"`)
			if !strings.Contains("viewer changer ada", name) {
				a.Lacks(`href="/admin/users/"`) // where they may not go
			}
		}
		a := d.signedOut().get(page.path)
		a.Wants(303).Lacks("<h1>", "bob")
		if !strings.HasPrefix(a.Leads(), "/admin/login/?next=") {
			t.Errorf("signed out: %s leads to %s; want the login page", a.What, a.Leads())
		}
	}
}

// What is not there is not found, for those who may look; others learn nothing.
func TestPeople_NotThere(t *testing.T) {
	d, _, _ := people(t)
	var all []scenario
	for _, path := range []string{"/admin/users/999/", "/admin/users/0/", "/admin/users/-1/", "/admin/users/1e3/", "/admin/users/01/", "/admin/users/99999999999999999999/", "/admin/users/999/password/", "/admin/users/999/delete/", "/admin/users/999/history/", "/admin/groups/999/", "/admin/groups/999/delete/", "/admin/groups/999/history/"} {
		all = append(all,
			scenario{who: "ada", path: path, status: 404, contains: []string{"Not found"}},
			scenario{who: "ada", method: "POST", path: path, form: []string{"username", "x"}, status: map[bool]int{true: 405, false: 404}[strings.HasSuffix(path, "history/")]},
			scenario{who: "none", path: path, status: 403},
			scenario{path: path, status: 303})
	}
	d.run(t, all)
}

// The list shows, filters, sorts and pages; every link keeps what else is set.
func TestUserList(t *testing.T) {
	d, _, editors := people(t)
	d.run(t, []scenario{
		{who: "ada", path: "/admin/users/", status: 200, contains: []string{`>bob</a>`, "bob@example.org", "Dorji", "Add user", "Delete selected", `aria-sort="ascending"`, "editors (1)"}},
		{who: "ada", path: "/admin/users/?q=dorji", status: 200, contains: []string{">bob</a>", `value="dorji"`, `href="/admin/users/?q=dorji&amp;staff=yes"`}, lacks: []string{">viewer</a>"}},
		{who: "ada", path: "/admin/users/?superuser=yes", status: 200, contains: []string{">ada</a>", `aria-current="true">Yes`, `name="superuser" value="yes"`}, lacks: []string{">bob</a>"}},
		{who: "ada", path: "/admin/users/?active=no", status: 200, contains: []string{"No user is like that", `href="/admin/users/"`}, lacks: []string{">bob</a>"}},
		{who: "ada", path: "/admin/users/?group=" + fmt.Sprint(editors.ID), status: 200, contains: []string{">bob</a>", "selected>editors"}, lacks: []string{">ada</a>"}},
		{who: "ada", path: "/admin/users/?group=none", status: 200, contains: []string{">ada</a>"}, lacks: []string{">bob</a>"}},
		{who: "ada", path: "/admin/users/?o=-email", status: 200, contains: []string{`aria-sort="descending"`, `?o=email`}},
		{who: "ada", path: "/admin/users/?o=password&group=x&active=maybe&p=-3&p=x", status: 200, contains: []string{">bob</a>"}},
		{who: "ada", path: "/admin/users/?p=99999999999999", status: 200, contains: []string{">bob</a>"}},
		{who: "ada", path: "/admin/users?q=x", status: 301, leads: "/admin/users/?q=x"},
		{who: "viewer", path: "/admin/users/", status: 200, contains: []string{">bob</a>"}, lacks: []string{"Add user", "Delete selected", `type="checkbox"`}},
	})
}

func TestUserList_Pages(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	for i := range 51 {
		d.add(account.User{Username: fmt.Sprintf("user%03d", i)})
	}
	d.run(t, []scenario{
		{who: "ada", path: "/admin/users/", status: 200, contains: []string{"1 to 50 of 52", `rel="next" href="/admin/users/?p=2"`, ">user000<"}, lacks: []string{">user050<", `rel="prev"`}},
		{who: "ada", path: "/admin/users/?p=2&q=user", status: 200, contains: []string{"51 to 51 of 51", `rel="prev" href="/admin/users/?p=1&amp;q=user"`}},
		{who: "ada", path: "/admin/users/?p=77", status: 200, contains: []string{"51 to 52 of 52", ">user050<"}, lacks: []string{`rel="next"`}},
	})
}

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

func TestUserAdd(t *testing.T) {
	d, _, editors := people(t)
	ada := d.as("ada")
	a := ada.post("/admin/users/add/", "username", "eve", "email", "eve@example.org", "first_name", "Eve", "new1", password, "new2", password,
		"is_active", "on", "is_staff", "on", "groups", fmt.Sprint(editors.ID), "permissions", "view_user")
	a.Wants(303)
	eve, err := d.accounts.UserByName("eve")
	if err != nil || a.Leads() != userAt(eve, "") || !eve.Can(account.ViewUser) || !eve.Can(account.ViewSession) || eve.Superuser {
		t.Fatalf("added %+v, %v; leads to %s", eve, err, a.Leads())
	}
	ada.get(a.Leads()).Wants(200, "The user was added", `value="eve@example.org"`, "has it from a group")
	ada.post("/admin/users/add/", "username", "eve2", "new1", password, "new2", password, "_addanother", "1").Wants(303)
	d.as("eve").get("/admin/").Wants(200)

	adder := d.as("adder")
	if a := adder.post("/admin/users/add/", "username", "eve3", "new1", password, "new2", password); a.Wants(303).Leads() != "/admin/" {
		t.Errorf("who may not see users is led to %s; want /admin/", a.Leads())
	}
}

// Everything that is wrong is said at once, and all that was typed stays, but no
// password.
func TestUserAdd_Wrong(t *testing.T) {
	d, _, _ := people(t)
	ada := d.as("ada")
	a := ada.post("/admin/users/add/", "username", "e v", "email", "not an address", "first_name", "Eve Zangmo", "new1", "1234567", "new2", "1234567", "permissions", "view_group")
	a.Wants(422, "Enter a valid username", "valid email address", "too short", "entirely numeric", `value="e v"`, `value="not an address"`, `value="Eve Zangmo"`,
		`value="view_group" aria-label="Can view group" checked`, `aria-invalid="true" aria-describedby="username-error username-hint"`, `id="username-error"`)
	a.Lacks("1234567", `id="is_active" name="is_active" value="on" checked`)
	a = ada.post("/admin/users/add/", "username", "bob", "email", "x", "new1", password, "new2", password+"x")
	a.Wants(422, "already exists", "valid email", "didn’t match").Lacks(password, "too short", "This field")
	ada.post("/admin/users/add/", "username", "fine", "new1", password, "new2", "").Wants(422, "didn’t match").Lacks("This field", "too short")
	if _, err := d.accounts.UserByName("fine"); err == nil {
		t.Error("a user was added whose passwords differed")
	}
	if n := d.accounts.Users(account.UserQuery{Search: "zangmo"}).Total; n != 0 {
		t.Error("a user with errors was added")
	}
}

func TestUserChange(t *testing.T) {
	d, bob, _ := people(t)
	ada := d.as("ada")
	page := ada.get(userAt(bob, ""))
	page.Wants(200, `value="bob@example.org"`, "Joined", "Last login", "never", "Set password", "History", "Delete…", fmt.Sprintf(`name="version" value="%d"`, bob.Version))
	a := ada.post(userAt(bob, ""), whole(bob, "email", "bob2@example.org", "permissions", "view_group")...)
	if a.Wants(303); a.Leads() != "/admin/users/" {
		t.Errorf("leads to %s", a.Leads())
	}
	ada.get("/admin/users/").Wants(200, "The user was changed.", "bob2@example.org")
	got, _ := d.accounts.User(bob.ID)
	if got.Email != "bob2@example.org" || !got.Can(account.ViewGroup) || len(got.Groups) != 1 {
		t.Errorf("changed to %+v", got)
	}
	if a := ada.post(userAt(bob, ""), whole(got, "_continue", "1")...); a.Wants(303).Leads() != userAt(bob, "") {
		t.Errorf("continue leads to %s", a.Leads())
	}
	ada.get(userAt(bob, "")).Wants(200, "Nothing differed")
	ada.get(userAt(bob, "history/")).Wants(200, "<b>ada</b> changed user <a href=\""+userAt(bob, "")+"\">bob</a>: e-mail, permissions", "added user", "command line")
}

// Of two operators who change the same user the second sees what differs, keeps
// what was typed, and may then decide.
func TestUserChange_Twice(t *testing.T) {
	d, bob, _ := people(t)
	ada := d.as("ada")
	ada.post(userAt(bob, ""), whole(bob, "email", "first@example.org")...).Wants(303)
	a := ada.post(userAt(bob, ""), whole(bob, "last_name", "Wangmo")...)
	a.Wants(409, "Somebody else has changed this meanwhile", "It differs in: last name, e-mail.", `value="Wangmo"`, `value="bob@example.org"`, fmt.Sprintf(`value="%d"`, bob.Version+1))
	if got, _ := d.accounts.User(bob.ID); got.Email != "first@example.org" || got.LastName != "Dorji" {
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

// Who may look and not change sees no form; who may change another sees none for
// a superuser.
func TestUserShow_ReadOnly(t *testing.T) {
	d, bob, _ := people(t)
	ada, _ := d.accounts.UserByName("ada")
	d.run(t, []scenario{
		{who: "viewer", path: userAt(bob, ""), status: 200, contains: []string{"bob@example.org", "Bob Dorji", "editors", "Can view session"}, lacks: []string{"<input id", "Save", "Set password", "Delete…", "History"}},
		{who: "changer", path: userAt(ada, ""), status: 200, contains: []string{"A superuser is changed by superusers only"}, lacks: []string{"<input id", "Save", "Set password", "Delete…"}},
		{who: "viewer", method: "POST", path: userAt(bob, ""), form: whole(bob, "email", "x@example.org"), status: 403},
		{who: "changer", method: "POST", path: userAt(ada, ""), form: whole(ada, "email", "x@example.org"), status: 403},
		{who: "changer", method: "POST", path: userAt(ada, "password/"), form: []string{"new1", password, "new2", password}, status: 403},
		{who: "deleter", method: "POST", path: userAt(ada, "delete/"), form: []string{"id", "1"}, status: 403, contains: []string{"Nothing was saved", "only a superuser"}},
		{who: "deleter", path: userAt(ada, "delete/"), status: 200, contains: []string{"stays: only a superuser"}, lacks: []string{"Delete this user"}},
	})
}

// Operators can give only what they have, to themselves or to others, and what they
// could not touch stays as it was.
func TestUserChange_Escalation(t *testing.T) {
	d, bob, editors := people(t)
	powers, err := d.accounts.CreateGroup(owner, account.Group{Name: "powers", Permissions: []account.Permission{account.DeleteUser}})
	if err != nil {
		t.Fatal(err)
	}
	changer, _ := d.accounts.UserByName("changer")
	b := d.as("changer")
	b.get(userAt(bob, "")).Wants(200, `id="is_superuser" name="is_superuser" value="on" disabled`, "Only a superuser", "gives more than you may",
		`value="delete_user" aria-label="Can delete user" disabled`, `value="change_user" aria-label="Can change user">`).Lacks("Set password", "Delete…", "_addanother")
	for _, u := range []account.User{bob, changer} {
		for _, bad := range [][]string{
			{"is_superuser", "on"},
			{"permissions", "delete_user"},
			{"groups", fmt.Sprint(powers.ID)},
		} {
			a := b.post(userAt(u, ""), whole(u, bad...)...)
			a.What += fmt.Sprint(" ", u.Username, " ", bad)
			a.Wants(403, "Your permissions do not allow this")
			if got, _ := d.accounts.User(u.ID); got.Superuser || got.Can(account.DeleteUser) {
				t.Fatalf("%v made %+v", bad, got)
			}
		}
	}
	// Boxes that are disabled are not sent: nothing is lost by that.
	b.post(userAt(bob, ""), "username", "bob", "is_active", "on", "is_staff", "on", "permissions", "change_user", "version", fmt.Sprint(bob.Version)).Wants(303)
	if got, _ := d.accounts.User(bob.ID); len(got.Groups) != 1 || got.Groups[0] != editors.ID || !got.Can(account.ChangeUser) {
		t.Errorf("bob is %+v; want the user in the group still", got)
	}
	a := d.as("adder")
	for _, bad := range [][]string{{"is_superuser", "on"}, {"permissions", "delete_user"}, {"groups", fmt.Sprint(powers.ID)}} {
		a.post("/admin/users/add/", append([]string{"username", "mallory", "new1", password, "new2", password}, bad...)...).Wants(403, "Your permissions do not allow this", `value="mallory"`)
	}
	if _, err := d.accounts.UserByName("mallory"); err == nil {
		t.Error("mallory was added")
	}
}

// Operators cannot lock themselves out.
func TestUserChange_Oneself(t *testing.T) {
	d, _, _ := people(t)
	ada, _ := d.accounts.UserByName("ada")
	b := d.as("ada")
	ada, _ = d.accounts.User(ada.ID)
	for _, without := range []string{"is_active", "is_staff", "is_superuser"} {
		form := whole(ada, "last_name", "Lovelace", without, "")
		a := b.post(userAt(ada, ""), form...)
		a.What += " without " + without
		a.Wants(403, "You cannot delete, disable or demote yourself", `value="Lovelace"`)
	}
	b.post(userAt(ada, "delete/"), "id", fmt.Sprint(ada.ID)).Wants(403, "You cannot delete, disable or demote yourself")
	b.get(userAt(ada, "delete/")).Wants(200, "stays: this is you").Lacks("Delete this user")
	b.get(userAt(ada, "")).Wants(200).Lacks("Delete…")
	b.get("/admin/").Wants(200)
}

// The last superuser cannot be deleted or disabled. Two
// superusers, and one of them in the console: the other can go.
func TestUsers_LastSuperuser(t *testing.T) {
	d, _, _ := people(t)
	grace := d.superuser("grace")
	b := d.as("ada")
	b.post(userAt(grace, ""), whole(grace, "is_superuser", "")...).Wants(303)
	ada, _ := d.accounts.UserByName("ada")
	b.post("/admin/users/delete/", "id", fmt.Sprint(ada.ID), "id", fmt.Sprint(grace.ID)).Wants(403, "yourself")
	if _, err := d.accounts.User(grace.ID); err != nil {
		t.Error("one of two was deleted, though not both could be")
	}
}

// A search costs its words times the users, so it has a bound.
func TestUsers_LongSearch(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	b.get("/admin/users/?q=" + strings.Repeat("a+", 100)).Wants(200).Lacks("at most 200 characters")
	b.get("/admin/users/?q="+strings.Repeat("a+", 101)).Wants(400, "A search has at most 200 characters.", `aria-describedby="q-error"`)
}

// An inactive user cannot be taken over, either: they could be made active.
func TestUserPassword_OfTheInactive(t *testing.T) {
	d := openConsole(t)
	d.staff("changer", account.ChangeUser)
	rich := d.staff("rich", account.DeleteSession)
	if _, err := d.accounts.SetActive(owner, rich.ID, false); err != nil {
		t.Fatal(err)
	}
	b := d.as("changer")
	b.get(userAt(rich, "")).Wants(200).Lacks(userAt(rich, "password/"))
	b.get(userAt(rich, "password/")).Wants(403)
}
