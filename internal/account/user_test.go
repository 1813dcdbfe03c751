package account_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
)

func TestCreateUser_BadInputGetsAllMessages(t *testing.T) {
	b := open(t)
	b.staff("ada")
	_, err := b.CreateUser(t.Context(), cli, account.User{
		Username: "ada", Email: "nonsense", FirstName: strings.Repeat("x", 151), LastName: "a\x00b",
		Groups: []uint64{77}, Permissions: []account.Permission{"fly"},
	}, "1234567")
	var wrong account.ValidationErrors
	if !errors.As(err, &wrong) {
		t.Fatalf("CreateUser: %v; want ValidationErrors", err)
	}
	want := account.ValidationErrors{
		"username":    {"A user with that username already exists."},
		"email":       {"Enter a valid email address."},
		"first_name":  {"Ensure this value has at most 150 characters (it has 151)."},
		"last_name":   {"Control characters are not allowed."},
		"groups":      {"Select a valid choice. 77 is not one of the available choices."},
		"permissions": {`Select a valid choice. "fly" is not one of the available choices.`},
		"password": {
			"This password is too short. It must contain at least 8 characters.",
			"This password is too common.", "This password is entirely numeric.",
		},
	}
	if !reflect.DeepEqual(wrong, want) {
		t.Errorf("CreateUser: %q\nwant %q", wrong, want)
	}
}

func TestCreateUser_Usernames(t *testing.T) {
	b := open(t)
	for name, ok := range map[string]bool{
		"ada": true, "Ada": true, "a@b.c+d-e_f": true, "Zoë": true, "Ωmega": true, "用户": true, "1": true, "x²": true,
		strings.Repeat("y", 150): true, strings.Repeat("y", 151): false, strings.Repeat("y", 10_000): false,
		"": false, "a b": false, "a/b": false, "<script>": false, "a\nb": false, "a\xff": false, "x\u202ey": false, "a'b": false,
	} {
		_, err := b.CreateUser(t.Context(), cli, account.User{Username: name}, goodPassword)
		var wrong account.ValidationErrors
		if ok && err != nil || !ok && (!errors.As(err, &wrong) || len(wrong["username"]) != 1) {
			t.Errorf("username %.30q: %v; want ok %v", name, err, ok)
		}
	}
}

// One name in two of Unicode's forms is one user.
func TestCreateUser_NamesAreNormalised(t *testing.T) {
	b := open(t)
	u := b.staff("ﬁona") // the ligature
	if u.Username != "fiona" {
		t.Errorf("username %q; want fiona", u.Username)
	}
	if got, err := b.UserByName(t.Context(), "ﬁona"); err != nil || got.ID != u.ID {
		t.Errorf("UserByName = %d, %v", got.ID, err)
	}
	if _, err := b.signIn("ﬁona", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("Authenticate: %v", err)
	}
}

func TestCreateUser_Emails(t *testing.T) {
	b := open(t)
	for email, ok := range map[string]bool{
		"": true, "a@b.org": true, "a+b@localhost": true, "é@example.org": true, strings.Repeat("a", 242) + "@example.org": true,
		"a": false, "a@": false, "@b.org": false, "a@b": false, "Ada <a@b.org>": false, "a b@c.org": false, "a@b.org\n": true, // trimmed
		"a@b.org, c@d.org": false, "a\r\nBcc: x@y.org": false, "a@b..org": false, strings.Repeat("a", 243) + "@example.org": false,
		"<script>@x.org": false, strings.Repeat("a", 10_000): false,
	} {
		_, err := b.CreateUser(t.Context(), cli, account.User{Username: "u", Email: email}, goodPassword)
		if (err == nil) != ok {
			t.Errorf("e-mail %.40q: %v; want ok %v", email, err, ok)
		}
		if u, err := b.UserByName(t.Context(), "u"); err == nil {
			_ = b.DeleteUsers(t.Context(), cli, u.ID)
		}
	}
}

func TestUpdateUser_WritesWhatDiffers(t *testing.T) {
	b := open(t)
	b.superuser("root")
	u := b.staff("ada")
	before := u
	u.Email, u.FirstName = "ada@example.org", "Ada"
	u.Permissions = []account.Permission{account.DeleteUser, account.ViewSession, account.ViewSession}
	got, err := b.UpdateUser(t.Context(), cli, u)
	if err != nil {
		t.Fatal(err)
	}
	if want := []account.Permission{account.ViewSession, account.DeleteUser}; !slices.Equal(got.Permissions, want) {
		t.Errorf("permissions %v; want %v", got.Permissions, want)
	}
	if got.Version != before.Version+1 || got.Epoch != before.Epoch {
		t.Errorf("version %d, epoch %d; want one more, and the same", got.Version, got.Epoch)
	}
	e := b.newest()
	if want := []string{"email", "first_name", "permissions"}; e.Action != account.ActionChange || !slices.Equal(e.Fields, want) {
		t.Errorf("entry %+v; want the fields %v", e, want)
	}
	if _, err := b.UpdateUser(t.Context(), cli, got); err != nil || b.newest().Seq != e.Seq {
		t.Errorf("an update that changes nothing: %v, %+v", err, b.newest())
	}
	_, err = b.UpdateUser(t.Context(), cli, before)
	wantErr(t, "an update of a user who has changed in the meantime", err, account.ErrChanged)
	_, err = b.UpdateUser(t.Context(), cli, account.User{ID: 99, Username: "x"})
	wantErr(t, "an unknown user", err, account.ErrNotFound)
}

func TestUpdateUser_OldNameIsFree(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	u.Username = "countess"
	if _, err := b.UpdateUser(t.Context(), cli, u); err != nil {
		t.Fatal(err)
	}
	_, err := b.UserByName(t.Context(), "ada")
	wantErr(t, "the old name", err, account.ErrNotFound)
	_, err = b.signIn("ada", goodPassword, "192.0.2.1")
	wantErr(t, "a login by the old name", err, account.ErrSignIn)
	if next := b.staff("ada"); next.ID == u.ID {
		t.Error("the old name leads to the old user")
	}
	if got, err := b.UserByName(t.Context(), "countess"); err != nil || got.ID != u.ID {
		t.Errorf("the new name: %d, %v", got.ID, err)
	}
}

func TestEpoch_ChangesWithPasswordAndAccess(t *testing.T) {
	b := open(t)
	b.superuser("root")
	u := b.staff("ada")
	valid := func(what string, epoch uint64, want bool) {
		t.Helper()
		if _, ok, err := b.Valid(t.Context(), u.ID, epoch); err != nil || ok != want {
			t.Errorf("%s: Valid = %v; want %v", what, ok, want)
		}
	}
	valid("at first", u.Epoch, true)
	v, err := b.SetPassword(t.Context(), cli, u.ID, "another good one")
	if err != nil {
		t.Fatal(err)
	}
	valid("after the password", u.Epoch, false)
	valid("after the password", v.Epoch, true)
	if _, err := b.SetActive(t.Context(), cli, u.ID, false); err != nil {
		t.Fatal(err)
	}
	valid("disabled", v.Epoch, false)
	valid("disabled", b.user(u.ID).Epoch, false)
	if e := b.newest(); e.Action != account.ActionDisable {
		t.Errorf("entry %+v", e)
	}
	if _, err := b.SetActive(t.Context(), cli, u.ID, true); err != nil {
		t.Fatal(err)
	}
	valid("enabled again", v.Epoch, false) // a stolen session does not come back
	valid("enabled again", b.user(u.ID).Epoch, true)
	if err := b.DeleteUsers(t.Context(), cli, u.ID); err != nil {
		t.Fatal(err)
	}
	valid("deleted", v.Epoch, false)
	if _, err := b.signIn("ada", "another good one", "192.0.2.1"); !errors.Is(err, account.ErrSignIn) {
		t.Errorf("a deleted user's login: %v", err)
	}
}

func TestLastSuperuser_Stays(t *testing.T) {
	b := open(t)
	if must(b.HasSuperuser(t.Context())) {
		t.Error("HasSuperuser of an empty file")
	}
	root := b.superuser("root")
	other := b.superuser("other")
	if _, err := b.SetActive(t.Context(), cli, other.ID, false); err != nil {
		t.Fatal(err)
	}
	demoted, unstaffed := root, root
	demoted.Superuser, unstaffed.Staff = false, false
	_, err := b.SetActive(t.Context(), cli, root.ID, false)
	wantErr(t, "disable", err, account.ErrLastSuperuser)
	_, err = b.UpdateUser(t.Context(), cli, demoted)
	wantErr(t, "demote", err, account.ErrLastSuperuser)
	_, err = b.UpdateUser(t.Context(), cli, unstaffed)
	wantErr(t, "take from the staff", err, account.ErrLastSuperuser)
	wantErr(t, "delete", b.DeleteUsers(t.Context(), cli, root.ID), account.ErrLastSuperuser)
	wantErr(t, "delete both", b.DeleteUsers(t.Context(), cli, other.ID, root.ID), account.ErrLastSuperuser)
	if _, err := b.User(t.Context(), other.ID); err != nil || !must(b.HasSuperuser(t.Context())) {
		t.Errorf("a refused deletion deleted something: %v", err)
	}
	if e := b.newest(); e.Action != account.ActionDisable {
		t.Errorf("a refused change is in the log: %+v", e)
	}
}

func TestSelf_IsSafe(t *testing.T) {
	b := open(t)
	root := b.superuser("root")
	b.superuser("other")
	me := console(root)
	_, err := b.SetActive(t.Context(), me, root.ID, false)
	wantErr(t, "disable", err, account.ErrSelf)
	wantErr(t, "delete", b.DeleteUsers(t.Context(), me, root.ID), account.ErrSelf)
	for what, change := range map[string]func(*account.User){
		"demote":              func(u *account.User) { u.Superuser = false },
		"take from the staff": func(u *account.User) { u.Staff = false },
	} {
		u := root
		change(&u)
		_, err := b.UpdateUser(t.Context(), me, u)
		wantErr(t, what, err, account.ErrSelf)
	}
	u := root
	u.FirstName = "Grace"
	if _, err := b.UpdateUser(t.Context(), me, u); err != nil {
		t.Errorf("one's own name: %v", err)
	}
}

func TestCreateFirstSuperuser_OnlyOne(t *testing.T) {
	b := open(t)
	actor := account.Actor{Address: "127.0.0.1", Via: account.ViaFirstRun}
	results := make(chan error)
	for _, name := range []string{"ada", "eve"} {
		go func() {
			_, err := b.CreateFirstSuperuser(t.Context(), actor, account.User{Username: name}, goodPassword)
			results <- err
		}()
	}
	first, second := <-results, <-results
	if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), account.ErrNotFirst) {
		t.Errorf("two at once: %v, %v; want one", first, second)
	}
	if !must(b.HasSuperuser(t.Context())) || must(b.Users(t.Context(), account.UserQuery{})).Total != 1 {
		t.Error("want one superuser")
	}
}
