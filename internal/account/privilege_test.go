package account_test

import (
	"testing"

	"pagesession/internal/account"
)

// Each change needs exactly its own permission.
func TestPermission_EachChangeNeedsItsOwn(t *testing.T) {
	b := open(t)
	b.superuser("root")
	victim := func() account.User { return b.add(account.User{Username: "victim", Active: true}) }
	drop := func(name string) {
		if u, err := b.UserByName(t.Context(), name); err == nil {
			_ = b.DeleteUsers(t.Context(), cli, u.ID)
		}
	}
	dropGroup := func() {
		for _, g := range must(b.Groups(t.Context(), account.GroupQuery{})).Groups {
			_ = b.DeleteGroups(t.Context(), cli, g.ID)
		}
	}
	changes := map[account.Permission]func(account.Actor) error{
		account.AddUser: func(a account.Actor) error {
			_, err := b.CreateUser(t.Context(), a, account.User{Username: "new"}, goodPassword)
			drop("new")
			return err
		},
		account.ChangeUser: func(a account.Actor) error {
			u := victim()
			defer drop("victim")
			_, err := b.SetActive(t.Context(), a, u.ID, false)
			if _, err2 := b.SetPassword(t.Context(), a, u.ID, "another good one"); (err == nil) != (err2 == nil) {
				t.Errorf("SetActive: %v, SetPassword: %v; want the same", err, err2)
			}
			return err
		},
		account.DeleteUser: func(a account.Actor) error {
			defer drop("victim")
			return b.DeleteUsers(t.Context(), a, victim().ID)
		},
		account.AddGroup: func(a account.Actor) error {
			defer dropGroup()
			_, err := b.CreateGroup(t.Context(), a, account.Group{Name: "new"})
			return err
		},
		account.ChangeGroup: func(a account.Actor) error {
			defer dropGroup()
			g := b.group("old")
			_, err := b.UpdateGroup(t.Context(), a, account.Group{ID: g.ID, Name: "renamed"})
			return err
		},
		account.DeleteGroup: func(a account.Actor) error {
			defer dropGroup()
			return b.DeleteGroups(t.Context(), a, b.group("old").ID)
		},
	}
	for need, change := range changes {
		for _, have := range account.Permissions() {
			actor := console(b.staff("actor", have))
			if err := change(actor); (err == nil) != (have == need) {
				t.Errorf("what needs %s, with %s: %v", need, have, err)
			}
			drop("actor")
		}
	}
}

func TestPermission_WhoIsGoneMayNothing(t *testing.T) {
	b := open(t)
	b.superuser("root")
	u := b.superuser("ada")
	actor := console(u)
	if _, err := b.SetActive(t.Context(), cli, u.ID, false); err != nil {
		t.Fatal(err)
	}
	_, err := b.CreateGroup(t.Context(), actor, account.Group{Name: "g"})
	wantErr(t, "a disabled superuser", err, account.ErrForbidden)
	u, err = b.SetActive(t.Context(), cli, u.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	u.Staff = false
	if _, err := b.UpdateUser(t.Context(), cli, u); err != nil {
		t.Fatal(err)
	}
	_, err = b.CreateGroup(t.Context(), actor, account.Group{Name: "g"})
	wantErr(t, "a superuser who is not staff", err, account.ErrForbidden)
	_, err = b.CreateGroup(t.Context(), account.Actor{}, account.Group{Name: "g"})
	wantErr(t, "nobody", err, account.ErrActor)
	_, err = b.CreateGroup(t.Context(), account.Actor{Via: account.ViaConsole}, account.Group{Name: "g"})
	wantErr(t, "nobody in the console", err, account.ErrActor)
}

// A staff member with all permissions for users and groups, and without others.
func TestPermission_NoMoreThanTheActorHas(t *testing.T) {
	b := open(t)
	root := b.superuser("root")
	b.superuser("spare")
	guards := b.group("guards", account.DeleteSession)
	mine := []account.Permission{
		account.ViewUser, account.AddUser, account.ChangeUser, account.DeleteUser, account.AddGroup, account.ChangeGroup,
	}
	mallory := b.staff("mallory", mine...)
	guard := b.add(account.User{Username: "guard", Active: true, Staff: true, Groups: []uint64{guards.ID}})
	asleep := b.add(account.User{Username: "asleep", Staff: true, Groups: []uint64{guards.ID}})
	own := b.group("own", account.ViewUser)
	me := console(mallory)
	change := func(u account.User, edit func(*account.User)) func() error {
		return func() error {
			edit(&u)
			_, err := b.UpdateUser(t.Context(), me, u)
			return err
		}
	}
	for what, try := range map[string]func() error{
		"themselves superuser":        change(mallory, func(u *account.User) { u.Superuser = true }),
		"themselves more permissions": change(mallory, func(u *account.User) { u.Permissions = account.Permissions() }),
		"themselves a guard":          change(mallory, func(u *account.User) { u.Groups = []uint64{guards.ID} }),
		"another superuser":           change(guard, func(u *account.User) { u.Superuser = true }),
		"a superuser renamed":         change(root, func(u *account.User) { u.Username = "toor" }),
		"a superuser disabled":        change(root, func(u *account.User) { u.Active = false }),
		"a superuser deleted":         func() error { return b.DeleteUsers(t.Context(), me, root.ID) },
		"a superuser added": func() error {
			_, err := b.CreateUser(t.Context(), me, account.User{Username: "new", Superuser: true}, goodPassword)
			return err
		},
		"a guard added": func() error {
			_, err := b.CreateUser(t.Context(), me, account.User{Username: "new", Groups: []uint64{guards.ID}}, goodPassword)
			return err
		},
		"a group with more": func() error {
			_, err := b.CreateGroup(t.Context(), me, account.Group{Name: "new", Permissions: account.Permissions()})
			return err
		},
		"more for a group": func() error {
			_, err := b.UpdateGroup(t.Context(), me, account.Group{ID: own.ID, Name: "own", Permissions: account.Permissions()})
			return err
		},
		"a superuser's password":      func() error { _, err := b.SetPassword(t.Context(), me, root.ID, "another good one"); return err },
		"a guard's password":          func() error { _, err := b.SetPassword(t.Context(), me, guard.ID, "another good one"); return err },
		"a sleeping guard's password": func() error { _, err := b.SetPassword(t.Context(), me, asleep.ID, "another good one"); return err },
	} {
		wantErr(t, what, try(), account.ErrForbidden)
	}
	for what, try := range map[string]func() error{
		"a guard renamed": change(guard, func(u *account.User) { u.Username = "watch" }),
		"own permissions": change(asleep, func(u *account.User) { u.Groups, u.Permissions = nil, mine }),
		"a group renamed": func() error {
			_, err := b.UpdateGroup(t.Context(), me, account.Group{ID: guards.ID, Name: "g", Permissions: guards.Permissions})
			return err
		},
		"somebody deleted": func() error { return b.DeleteUsers(t.Context(), me, b.staff("extra").ID) },
	} {
		if err := try(); err != nil {
			t.Errorf("%s: %v; want it done", what, err)
		}
	}
}

func TestCan_FollowsGroups(t *testing.T) {
	b := open(t)
	b.superuser("root")
	g := b.group("readers")
	u := b.add(account.User{Username: "ada", Active: true, Staff: true, Groups: []uint64{g.ID}})
	can := func(what string, want bool) {
		t.Helper()
		if got, ok, err := b.Valid(t.Context(), u.ID, u.Epoch); err != nil || !ok || got.Can(account.ViewSession) != want {
			t.Errorf("%s: Can = %v; want %v", what, !want, want)
		}
	}
	can("at first", false)
	g.Permissions = []account.Permission{account.ViewSession}
	if _, err := b.UpdateGroup(t.Context(), cli, g); err != nil {
		t.Fatal(err)
	}
	can("the group may", true)
	if got := b.user(u.ID); got.Can("fly") || got.Can("") {
		t.Error("a permission that does not exist is somebody's")
	}
	if err := b.DeleteGroups(t.Context(), cli, g.ID); err != nil {
		t.Fatal(err)
	}
	can("no group", false)
	b = b.reopen()
	can("after a restart", false)
	if got := b.user(u.ID); len(got.Groups) != 0 {
		t.Errorf("groups %v; want none", got.Groups)
	}
	root, _ := b.UserByName(t.Context(), "root")
	if !root.Can(account.DeleteLogEntry) || len(root.Effective()) != len(account.Permissions()) {
		t.Errorf("a superuser has %v", root.Effective())
	}
	off, err := b.SetActive(t.Context(), cli, u.ID, false)
	if err != nil || len(off.Effective()) != 0 {
		t.Errorf("a disabled user has %v", off.Effective())
	}
}
