package account_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"pagesession/internal/account"
)

// names of people and places whose scripts write vowels as marks.
var markedNames = []string{
	"हिन्दी", "नरेंद्र", "สมชาย.ใจดี", "น้ำ", "مُحَمَّد", "يُوسُف_2", "nguyễn.văn.hưng", "đặng+thị", "שָׁלוֹם", "தமிழ்", "বাংলা", "ខ្មែរ", "မြန်မာ", "ಕನ್ನಡ-1", "ሰላም", "İ", "Ångström",
}

func TestCreateUser_NamesWithMarks(t *testing.T) {
	b := open(t)
	for i, name := range markedNames {
		u, err := b.CreateUser(t.Context(), cli, account.User{Username: norm.NFD.String(name), Active: true, Staff: true}, goodPassword)
		if err != nil {
			t.Errorf("CreateUser(%q): %v", name, err)
			continue
		}
		if want := norm.NFKC.String(name); u.Username != want {
			t.Errorf("username %+q; want %+q", u.Username, want)
		}
		for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
			if got, err := b.signIn(form.String(name), goodPassword, fmt.Sprintf("192.0.2.%d", i)); err != nil || got.ID != u.ID {
				t.Errorf("sign-in as %+q: user %d, %v; want %d", form.String(name), got.ID, err, u.ID)
			}
			_, err := b.CreateUser(t.Context(), cli, account.User{Username: form.String(name)}, goodPassword)
			wantTaken(t, form.String(name), err)
		}
	}
}

func wantTaken(t *testing.T, name string, err error) {
	t.Helper()
	var wrong account.ValidationErrors
	if !errors.As(err, &wrong) || !strings.Contains(wrong.Error(), "already exists") {
		t.Errorf("another %+q: %v; want that the name is taken", name, err)
	}
}

func TestCreateUser_BadNames(t *testing.T) {
	b := open(t)
	for what, name := range map[string]string{
		"a mark first":                                 "\u093fहन्दी",
		"a vowel first that has a mark":                "\u0e33น",
		"a mark after a digit":                         "a1\u0301",
		"a mark after a sign":                          "a@\u0301b",
		"an enclosing mark":                            "a\u20dd",
		"a joiner between letters":                     "क्\u200dष",
		"a non-joiner between letters":                 "می\u200cخواهم",
		"a zero-width space":                           "a\u200bb",
		"a word joiner":                                "a\u2060b",
		"a soft hyphen":                                "a\u00adb",
		"a byte order mark":                            "\ufeffada",
		"an override of the direction":                 "a\u202eb",
		"a variation selector":                         "a\ufe0f",
		"a later variation selector":                   "葛\U000e0100",
		"a grapheme joiner":                            "a\u034fb",
		"a Hangul filler":                              "a\u3164b",
		"a tag":                                        "a\U000e0041",
		"so many marks that they cannot be normalized": "a" + strings.Repeat("\u0301", 40),
		"a space":                                      "a b",
		"a space without break":                        "a\u00a0b",
		"an ideographic space":                         "a\u3000b",
		"a tab":                                        "a\tb",
		"a line separator":                             "a\u2028b",
		"a symbol":                                     "a★",
		"an emoji":                                     "a😀",
	} {
		_, err := b.CreateUser(t.Context(), cli, account.User{Username: name}, goodPassword)
		var wrong account.ValidationErrors
		if !errors.As(err, &wrong) || len(wrong["username"]) != 1 {
			t.Errorf("%s, %+q: %v; want one message about the username", what, name, err)
		}
	}
	u := account.User{Username: "reza", FirstName: "می\u200cخواهم", LastName: "cafe\u0301"}
	if u, err := b.CreateUser(t.Context(), cli, u, goodPassword); err != nil || u.LastName != "café" {
		t.Errorf("first and last name: %q, %v; want them with the joiner, in NFC", u.FullName(), err)
	}
	if found := must(b.Users(t.Context(), account.UserQuery{Search: "CAFE\u0301"})); found.Total != 1 {
		t.Errorf("a search in another form finds %d users; want 1", found.Total)
	}
}

// Names of an earlier version, or of other programs, can be in any form. They sign in, whichever
// form is typed, and no new user gets an equal name.
func TestNames_NotInTheirNormalForm(t *testing.T) {
	for stored, typed := range map[string][]string{
		"zoe\u0308":             {"zoë", "zoe\u0308"},
		"\ufb01nn":              {"finn", "\ufb01nn"},
		"ｊａｎｅ":                  {"jane", "ｊａｎｅ"},
		"é-e\u0301":             {"é-é", "e\u0301-é"},
		"\u212bsa\u0323\u0307x": {"Åsạ̇x", "A\u030asa\u0307\u0323x"},
	} {
		b := open(t)
		b.superuser("root")
		u := b.staff("ada")
		if err := b.SetName(u.ID, stored); err != nil {
			t.Fatal(err)
		}
		for _, name := range typed {
			if got, err := b.signIn(name, goodPassword, "192.0.2.1"); err != nil || got.ID != u.ID {
				t.Errorf("%+q as %+q: user %d, %v; want %d", stored, name, got.ID, err, u.ID)
			}
			if got, err := b.UserByName(t.Context(), name); err != nil || got.ID != u.ID {
				t.Errorf("UserByName(%+q) = %d, %v; want %d", name, got.ID, err, u.ID)
			}
			_, err := b.CreateUser(t.Context(), cli, account.User{Username: name}, goodPassword)
			wantTaken(t, name, err)
		}
		got := b.user(u.ID)
		if got.FirstName = "Zoë"; got.Username != stored {
			t.Errorf("username %+q; want it as it was", got.Username)
		}
		if got, err := b.UpdateUser(t.Context(), cli, got); err != nil || got.Username != norm.NFKC.String(stored) {
			t.Errorf("the next change: %+q, %v; want the name in its normal form", got.Username, err)
		}
	}
}

// Of several equal names a sign-in finds the normal one, or else the oldest.
func TestNames_SeveralEqualOnes(t *testing.T) {
	b := open(t)
	b.superuser("root")
	first, second, third := b.staff("a"), b.staff("b"), b.staff("c")
	for u, name := range map[uint64]string{first.ID: "ﬁnn", second.ID: "ｆｉｎｎ", third.ID: "finn"} {
		if err := b.SetName(u, name); err != nil {
			t.Fatal(err)
		}
	}
	find := func(name string, want account.User) {
		t.Helper()
		if got, err := b.signIn(name, goodPassword, "192.0.2.1"); err != nil || got.ID != want.ID {
			t.Errorf("sign-in as %+q: user %d, %v; want %d", name, got.ID, err, want.ID)
		}
	}
	find("ｆｉｎｎ", third)
	wantErr(t, "delete", b.DeleteUsers(t.Context(), cli, third.ID), nil)
	find("ｆｉｎｎ", first)
	u := b.user(second.ID)
	u.FirstName = "Finn"
	_, err := b.UpdateUser(t.Context(), cli, u)
	wantTaken(t, u.Username, err)
	u.Username = "finnegan"
	if _, err := b.UpdateUser(t.Context(), cli, u); err != nil {
		t.Errorf("another name: %v", err)
	}
	find("finnegan", second)
}

// Failures under any form of a name count together.
func TestNames_ThrottledTogether(t *testing.T) {
	b := open(t)
	u := b.staff("a")
	if err := b.SetName(u.ID, "zoe\u0308"); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		err := second(b.signIn([]string{"zoë", "zoe\u0308"}[i%2], "wrong", fmt.Sprintf("192.0.2.%d", i)))
		if i%3 == 2 {
			err = second(b.Confirm(t.Context(), console(u), account.Device{}, "wrong"))
		}
		if err == nil {
			t.Fatal("a wrong password was right")
		}
	}
	wantErr(t, "Confirm", second(b.Confirm(t.Context(), console(u), account.Device{}, goodPassword)), account.ErrThrottled)
	wantErr(t, "a sign-in", second(b.signIn("zoë", goodPassword, "198.51.100.1")), account.ErrThrottled)
}

func TestGroups_NamesInAnotherForm(t *testing.T) {
	b := open(t)
	g := b.group("cafe\u0301")
	if g.Name != "café" {
		t.Errorf("name %+q; want NFC", g.Name)
	}
	for _, name := range []string{"café", "cafe\u0301", " cafe\u0301 "} {
		if got, err := b.GroupByName(t.Context(), name); err != nil || got.ID != g.ID {
			t.Errorf("GroupByName(%+q) = %d, %v; want %d", name, got.ID, err, g.ID)
		}
		_, err := b.CreateGroup(t.Context(), cli, account.Group{Name: name})
		wantTaken(t, name, err)
	}
	if err := b.SetGroupName(g.ID, "cafe\u0301"); err != nil {
		t.Fatal(err)
	}
	if got, err := b.GroupByName(t.Context(), "café"); err != nil || got.ID != g.ID {
		t.Errorf("GroupByName of an old name = %d, %v; want %d", got.ID, err, g.ID)
	}
	_, err := b.CreateGroup(t.Context(), cli, account.Group{Name: "café"})
	wantTaken(t, "café", err)
	b.group("x²")
	b.group("x2") // NFC keeps what people see apart
}
