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
	"pagesession/internal/console"
)

// people is a fixture with the users of these tests: a superuser, and members of
// the staff with no, one or a few permissions.
func people(t *testing.T, configure ...func(*console.Config)) (d *fixture, bob account.User, editors account.Group) {
	t.Helper()
	file := populated(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "accounts.sqlite"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	d = openConsoleIn(t, dir, configure...)
	bob, err := d.accounts.UserByName(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	if editors, err = d.accounts.GroupByName(t.Context(), "editors"); err != nil {
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
		editors, err := d.accounts.CreateGroup(t.Context(), owner, account.Group{Name: "editors", Permissions: []account.Permission{account.ViewSession}})
		if err != nil {
			t.Fatal(err)
		}
		d.add(account.User{Username: "bob", Email: "bob@example.org", FirstName: "Bob", LastName: "Dorji", Staff: true, Groups: []uint64{editors.ID}})
		if err := d.accounts.Close(); err != nil {
			t.Fatal(err)
		}
		if populatedFile, err = os.ReadFile(filepath.Join(dir, "accounts.sqlite")); err != nil {
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
// signed in is sent to the sign-in page, whether the page exists or not.
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

// Users and groups that do not exist are 404 for operators who may look; others learn
// nothing.
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
		{who: "ada", path: "/admin/users/?active=no", status: 200, contains: []string{"No matching users", `href="/admin/users/"`}, lacks: []string{">bob</a>"}},
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

func TestUserAdd(t *testing.T) {
	d, _, editors := people(t)
	ada := d.as("ada")
	a := ada.post("/admin/users/add/", "username", "eve", "email", "eve@example.org", "first_name", "Eve", "new1", password, "new2", password,
		"is_active", "on", "is_staff", "on", "groups", fmt.Sprint(editors.ID), "permissions", "view_user")
	a.Wants(303)
	eve, err := d.accounts.UserByName(t.Context(), "eve")
	if err != nil || a.Leads() != userAt(eve, "") || !eve.Can(account.ViewUser) || !eve.Can(account.ViewSession) || eve.Superuser {
		t.Fatalf("added %+v, %v; leads to %s", eve, err, a.Leads())
	}
	ada.get(a.Leads()).Wants(200, "The user was added", `value="eve@example.org"`, "from a group", "marks what the user can already do")
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
	a.Wants(422, "already exists", "valid email", "do not match").Lacks(password, "too short", "This field")
	ada.post("/admin/users/add/", "username", "fine", "new1", password, "new2", "").Wants(422, "do not match").Lacks("This field", "too short")
	if _, err := d.accounts.UserByName(t.Context(), "fine"); err == nil {
		t.Error("a user was added whose passwords differed")
	}
	if n := must(d.accounts.Users(t.Context(), account.UserQuery{Search: "zangmo"})).Total; n != 0 {
		t.Error("a user with errors was added")
	}
}

// Operators who may only view a user see no form; those who may change users see
// none for a superuser.
func TestUserShow_ReadOnly(t *testing.T) {
	d, bob, _ := people(t)
	ada, _ := d.accounts.UserByName(t.Context(), "ada")
	d.run(t, []scenario{
		{who: "viewer", path: userAt(bob, ""), status: 200, contains: []string{"bob@example.org", "Bob Dorji", "editors", "Can view session"}, lacks: []string{"<input id", "Save", "Set password", "Delete…", "History"}},
		{who: "changer", path: userAt(ada, ""), status: 200, contains: []string{"Only superusers can change a superuser"}, lacks: []string{"<input id", "Save", "Set password", "Delete…"}},
		{who: "viewer", method: "POST", path: userAt(bob, ""), form: whole(bob, "email", "x@example.org"), status: 403},
		{who: "changer", method: "POST", path: userAt(ada, ""), form: whole(ada, "email", "x@example.org"), status: 403},
		{who: "changer", method: "POST", path: userAt(ada, "password/"), form: []string{"new1", password, "new2", password}, status: 403},
		{who: "deleter", method: "POST", path: userAt(ada, "delete/"), form: []string{"id", "1"}, status: 403, contains: []string{"Nothing was changed", "Only superusers"}},
		{who: "deleter", path: userAt(ada, "delete/"), status: 200, contains: []string{"cannot be deleted: only superusers"}, lacks: []string{"Delete this user"}},
	})
}

// The last superuser cannot be deleted or disabled. Of two superusers, one in the
// console can demote the other.
func TestUsers_LastSuperuser(t *testing.T) {
	d, _, _ := people(t)
	grace := d.superuser("grace")
	b := d.as("ada")
	b.post(userAt(grace, ""), whole(grace, "is_superuser", "")...).Wants(303)
	ada, _ := d.accounts.UserByName(t.Context(), "ada")
	b.post("/admin/users/delete/", "id", fmt.Sprint(ada.ID), "id", fmt.Sprint(grace.ID)).Wants(403, "yourself")
	if _, err := d.accounts.User(t.Context(), grace.ID); err != nil {
		t.Error("one of two was deleted, though not both could be")
	}
}

// A search costs its words times the users, so it has a bound.
func TestUsers_LongSearch(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	b := d.as("ada")
	b.get("/admin/users/?q=" + strings.Repeat("a+", 100)).Wants(200).Lacks("at most 200 characters")
	b.get("/admin/users/?q="+strings.Repeat("a+", 101)).Wants(400, "Enter at most 200 characters.", `aria-describedby="q-error"`)
}

// An inactive user cannot be taken over, either: they could be made active.
func TestUserPassword_OfTheInactive(t *testing.T) {
	d := openConsole(t)
	d.staff("changer", account.ChangeUser)
	rich := d.staff("rich", account.DeleteSession)
	if _, err := d.accounts.SetActive(t.Context(), owner, rich.ID, false); err != nil {
		t.Fatal(err)
	}
	b := d.as("changer")
	b.get(userAt(rich, "")).Wants(200).Lacks(userAt(rich, "password/"))
	b.get(userAt(rich, "password/")).Wants(403)
}
