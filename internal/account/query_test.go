package account_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pagesession/internal/account"
)

// crowd is a few users for queries.
func crowd(t *testing.T) (*bench, account.Group) {
	b := open(t)
	g := b.group("night watch")
	for _, u := range []account.User{
		{Username: "root", Active: true, Staff: true, Superuser: true, Email: "root@example.org"},
		{Username: "ada", Active: true, Staff: true, FirstName: "Ada", LastName: "Lovelace", Groups: []uint64{g.ID}},
		{Username: "Bob", Active: true, Email: "bob@example.net", FirstName: "Bob", Groups: []uint64{g.ID}},
		{Username: "eve", Staff: true, LastName: "Ångström"},
	} {
		b.add(u)
		b.clock.Advance(time.Hour)
	}
	return b, g
}

func names(users []account.User) (list []string) {
	for _, u := range users {
		list = append(list, u.Username)
	}
	return list
}

func TestUsers_SearchFilterSortPage(t *testing.T) {
	b, g := crowd(t)
	if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		q     account.UserQuery
		want  string
		total int
	}{
		{"all", account.UserQuery{}, "[ada Bob eve root]", 4},
		{"search a name", account.UserQuery{Search: "LOVE"}, "[ada]", 1},
		{"search an e-mail", account.UserQuery{Search: "example"}, "[Bob root]", 2},
		{"search beyond ASCII", account.UserQuery{Search: "ångs"}, "[eve]", 1},
		{"search two words", account.UserQuery{Search: "bob  example"}, "[Bob]", 1},
		{"search nothing there", account.UserQuery{Search: "<script>"}, "[]", 0},
		{"search a wildcard", account.UserQuery{Search: "%"}, "[]", 0},
		{"search SQL", account.UserQuery{Search: "'or'1'='1"}, "[]", 0},
		{"staff", account.UserQuery{Staff: account.Yes}, "[ada eve root]", 3},
		{"active, not staff", account.UserQuery{Active: account.Yes, Staff: account.No}, "[Bob]", 1},
		{"superuser", account.UserQuery{Superuser: account.Yes}, "[root]", 1},
		{"group", account.UserQuery{Group: g.ID}, "[ada Bob]", 2},
		{"no group", account.UserQuery{Group: account.NoGroup}, "[eve root]", 2},
		{"by joined, downwards", account.UserQuery{Sort: account.SortJoined, Descending: true}, "[eve Bob ada root]", 4},
		{"by e-mail", account.UserQuery{Sort: account.SortEmail}, "[ada eve Bob root]", 4},
		{"by flag, downwards", account.UserQuery{Sort: account.SortSuperuser, Descending: true}, "[root ada Bob eve]", 4},
		{"by last login, downwards", account.UserQuery{Sort: account.SortLastLogin, Descending: true}, "[ada Bob eve root]", 4},
		{"by last name", account.UserQuery{Sort: account.SortLastName, Descending: true}, "[eve ada Bob root]", 4},
		{"by nonsense", account.UserQuery{Sort: "password"}, "[ada Bob eve root]", 4},
		{"second page", account.UserQuery{Offset: 2, Limit: 1}, "[eve]", 4},
		{"beyond the end", account.UserQuery{Offset: 9, Limit: 1}, "[]", 4},
		{"before the beginning", account.UserQuery{Offset: -9, Limit: 1}, "[ada]", 4},
	} {
		page := must(b.Users(t.Context(), c.q))
		if got := fmt.Sprint(names(page.Users)); got != c.want || page.Total != c.total {
			t.Errorf("%s: %s, %d; want %s, %d", c.what, got, page.Total, c.want, c.total)
		}
	}
}

func TestUsers_CountsAreOfTheOtherFilters(t *testing.T) {
	b, g := crowd(t)
	got := must(b.Users(t.Context(), account.UserQuery{Staff: account.Yes})).Counts
	want := account.UserCounts{
		Active: account.FlagCount{Yes: 2, No: 1}, Staff: account.FlagCount{Yes: 3, No: 1},
		Superuser: account.FlagCount{Yes: 1, No: 2}, Groups: map[uint64]int{g.ID: 1, account.NoGroup: 2},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("counts %+v; want %+v", got, want)
	}
	if got := must(b.Users(t.Context(), account.UserQuery{Search: "bob"})).Counts.Active; got != (account.FlagCount{Yes: 1}) {
		t.Errorf("counts %+v with a search; want one", got)
	}
}

func TestGroups_SearchAndMembers(t *testing.T) {
	b, g := crowd(t)
	b.group("Day watch", account.ViewSession)
	b.group("admins")
	list := func(q account.GroupQuery) (list []string) {
		for _, g := range must(b.Groups(t.Context(), q)).Groups {
			list = append(list, fmt.Sprint(g.Name, " ", g.Members))
		}
		return list
	}
	if got := list(account.GroupQuery{}); !slices.Equal(got, []string{"admins 0", "Day watch 0", "night watch 2"}) {
		t.Errorf("Groups = %q", got)
	}
	if got := list(account.GroupQuery{Search: "WATCH", Descending: true, Limit: 1}); !slices.Equal(got, []string{"night watch 2"}) {
		t.Errorf("Groups = %q", got)
	}
	if got, err := b.Group(t.Context(), g.ID); err != nil || got.Members != 2 {
		t.Errorf("Group = %+v, %v", got, err)
	}
	if got, err := b.GroupByName(t.Context(), "night watch"); err != nil || got.ID != g.ID {
		t.Errorf("GroupByName = %+v, %v", got, err)
	}
	_, err := b.GroupByName(t.Context(), "nobody")
	wantErr(t, "GroupByName", err, account.ErrNotFound)
}

func TestGroups_ChangesAreChecked(t *testing.T) {
	b, g := crowd(t)
	for what, bad := range map[string]account.Group{
		"no name": {}, "taken": {Name: "night watch"}, "permission": {Name: "x", Permissions: []account.Permission{"fly"}},
		"control": {Name: "a\tb"},
	} {
		_, err := b.CreateGroup(t.Context(), cli, bad)
		if _, ok := err.(account.ValidationErrors); !ok {
			t.Errorf("%s: %v; want ValidationErrors", what, err)
		}
	}
	g.Name, g.Permissions = "watch <night>", []account.Permission{account.ViewSession}
	got, err := b.UpdateGroup(t.Context(), cli, g)
	if err != nil || got.Version != g.Version+1 {
		t.Fatalf("UpdateGroup = %+v, %v", got, err)
	}
	if e := b.newest(); fmt.Sprint(e.Fields) != "[name permissions]" || e.Object != "watch <night>" {
		t.Errorf("entry %+v", e)
	}
	_, err = b.UpdateGroup(t.Context(), cli, g)
	wantErr(t, "an old version", err, account.ErrChanged)
	wantErr(t, "all or none", b.DeleteGroups(t.Context(), cli, g.ID, 99), account.ErrNotFound)
	if _, err := b.Group(t.Context(), g.ID); err != nil {
		t.Error("a refused deletion deleted something")
	}
}
