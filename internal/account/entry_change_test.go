package account_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
)

// An entry says which permissions, groups and marks changed, from what to what.
func TestAudit_Change_HasValues(t *testing.T) {
	b := open(t)
	b.superuser("root")
	odd, err := b.CreateGroup(t.Context(), cli, account.Group{Name: "a,b=c>d+e-f~3 %2C", Permissions: []account.Permission{account.ViewUser}})
	if err != nil {
		t.Fatal(err)
	}
	wantChanges(t, b, "a new group", "permissions", account.Change{Field: "permissions", Added: []string{"view_user"}})
	u := b.staff("ada", account.ViewSession)
	wantChanges(t, b, "a new user", "is_staff permissions",
		account.Change{Field: "is_staff", From: "no", To: "yes"}, account.Change{Field: "permissions", Added: []string{"view_session"}})
	u.Email, u.Superuser, u.Groups, u.Permissions = "ada@example.org", true, []uint64{odd.ID}, []account.Permission{account.DeleteUser, account.AddUser}
	if u, err = b.UpdateUser(t.Context(), cli, u); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, b, "a user", "email is_superuser groups permissions",
		account.Change{Field: "is_superuser", From: "no", To: "yes"}, account.Change{Field: "groups", Added: []string{odd.Name}},
		account.Change{Field: "permissions", Added: []string{"add_user", "delete_user"}, Removed: []string{"view_session"}})
	if _, err = b.SetActive(t.Context(), cli, u.ID, false); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, b, "a disabled user", "is_active", account.Change{Field: "is_active", From: "yes", To: "no"})
	old := odd.Name
	odd.Name, odd.Permissions = "<b>", nil
	if _, err = b.UpdateGroup(t.Context(), cli, odd); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, b, "a group", "name permissions",
		account.Change{Field: "name", From: old, To: "<b>"}, account.Change{Field: "permissions", Removed: []string{"view_user"}})
	if _, err = b.SetPassword(t.Context(), cli, u.ID, "another fine one"); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, b, "a password", "password")
}

// wantChanges holds the newest entry against fields and changes.
func wantChanges(t *testing.T, b *bench, what, fields string, want ...account.Change) {
	t.Helper()
	if e := b.newest(); strings.Join(e.Fields, " ") != fields || !reflect.DeepEqual(e.Changes, want) {
		t.Errorf("the entry about %s has %q, %+v; want %q, %+v", what, e.Fields, e.Changes, fields, want)
	}
}

// Values of names and addresses of people stay out of the audit log, so an erasure has none to find.
func TestAudit_Change_KeepsNoNames(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	u.Email, u.FirstName, u.LastName = "old@example.org", "Oldfirst", "Oldlast"
	u, err := b.UpdateUser(t.Context(), cli, u)
	if err != nil {
		t.Fatal(err)
	}
	u.Email, u.FirstName, u.LastName = "new@example.org", "", ""
	if _, err = b.UpdateUser(t.Context(), cli, u); err != nil {
		t.Fatal(err)
	}
	stored := b.Stored()
	for _, value := range []string{"old@", "Oldfirst", "Oldlast"} {
		if strings.Contains(stored, value) {
			t.Errorf("the database still has %q", value)
		}
	}
	if e := b.newest(); !slices.Equal(e.Fields, []string{"email", "first_name", "last_name"}) || e.Changes != nil {
		t.Errorf("the entry has %q, %+v; want the names of the fields", e.Fields, e.Changes)
	}
}

// An entry names 40 groups at most, and counts the others.
func TestAudit_Change_IsBounded(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	for i := range 43 {
		g, err := b.CreateGroup(t.Context(), cli, account.Group{Name: fmt.Sprint("group", i)})
		if err != nil {
			t.Fatal(err)
		}
		u.Groups = append(u.Groups, g.ID)
	}
	if _, err := b.UpdateUser(t.Context(), cli, u); err != nil {
		t.Fatal(err)
	}
	if c := b.newest().Changes; len(c) != 1 || len(c[0].Added) != 40 || c[0].More != 3 {
		t.Errorf("the changes are %+v; want 40 groups, and 3 more", c)
	}
}

// A text that is too long for an entry says that it was cut, and how many characters are left out,
// also after it is noted again.
func TestAudit_SaysWhatWasCut(t *testing.T) {
	b := open(t)
	const letters = 250 // of two bytes each
	e := account.Event{Action: account.ActionExport, Kind: account.KindSession}.Filtered(account.Change{Field: account.FieldSearch, To: strings.Repeat("é", letters)})
	for range 2 {
		if err := b.Audit(t.Context(), cli, e); err != nil {
			t.Fatal(err)
		}
		kept := strings.Repeat("é", (300-len("…"))/len("é"))
		wantChanges(t, b, "a long search", "search", account.Change{Field: "search", To: kept + "…", More: letters - strings.Count(kept, "é")})
		e = b.newest().Event
	}
	e = account.Event{Action: account.ActionExport, Kind: account.KindSession}.Filtered(account.Change{Field: account.FieldSearch, To: strings.Repeat("x", 300)})
	if err := b.Audit(t.Context(), cli, e); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, b, "a search that fits", "search", e.Changes...)
}
