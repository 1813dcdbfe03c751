package account_test

import (
	"bufio"
	"compress/gzip"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"pagesession/internal/account"
)

const (
	tooShort  = "This password is too short. It must contain at least 8 characters."
	tooCommon = "This password is too common."
	numeric   = "This password is entirely numeric."
)

var jane = account.User{Username: "jane.doe", Email: "jane@fishmongers.example.org", FirstName: "Jane", LastName: "Baskerville"}

func TestCheckPassword(t *testing.T) {
	similar := func(to string) string { return "The password is too similar to the " + to + "." }
	for password, want := range map[string][]string{
		goodPassword:                nil,
		"":                          {"This field is required."},
		"\xff\xfe\xfd":              {"This is not valid text (UTF-8)."},
		strings.Repeat("xy", 2049):  {"This password is too long. It must contain at most 4096 bytes."},
		"xyzzy42":                   {tooShort},
		"äöüßÄÖÜ!":                  nil, // eight characters
		"password":                  {tooCommon},
		"PassWord1 ":                {tooCommon},
		"1234":                      {tooShort, tooCommon, numeric},
		"918273645546372819":        {numeric},
		"٠١٢٣٤٥٦٧٨٩٠١":              {numeric},
		"jane.doe":                  {similar("username")},
		"JaneDoe1":                  {similar("username")},
		"eodenaj1":                  {similar("username")}, // in any order
		"baskerville99":             {similar("last name")},
		"fishmongers":               {similar("email address")},
		"example":                   {similar("email address"), tooShort},
		strings.Repeat("jane", 100): nil, // ten times as long
	} {
		if got := account.CheckPassword(password, jane); !slices.Equal(got, want) {
			t.Errorf("CheckPassword(%.20q) = %q; want %q", password, got, want)
		}
	}
	if got := account.CheckPassword("jane.doe", account.User{}); got != nil {
		t.Errorf("without a user: %q", got)
	}
}

// Long passwords are accepted, in any writing.
func TestCheckPassword_Long(t *testing.T) {
	for _, password := range []string{strings.Repeat("correct ", 8), strings.Repeat("सही घोड़ा", 8), strings.Repeat("😀😎", 32), strings.Repeat("xy", 2048)} {
		if got := account.CheckPassword(password, jane); got != nil {
			t.Errorf("CheckPassword of %d bytes = %q; want none", len(password), got)
		}
	}
}

func TestPasswordHelp_OneLineARule(t *testing.T) {
	if got := account.PasswordHelp(); len(got) != 4 || !strings.Contains(got[1], "8 characters") {
		t.Errorf("PasswordHelp = %q", got)
	}
}

// The product's name with little around it, one repeated character, and blanks.
func TestCheckPassword_CommonByTheirForm(t *testing.T) {
	for _, password := range []string{
		"pagesession", "PageSession", "pagesession1", "PAGESESSION2026!", "123pagesession", "!!pagesession!!", "page-session-1", "Page Session 99",
		"page_session", "pagesessions", "pagesessionpagesession", "adminpagesession", "pagesession20261129", "pagesessionpassword",
		"ｐａｇｅｓｅｓｓｉｏｎ１", "pageſeſſion7", "pagesession\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b",
		"aaaaaaaaaaaa", "aAaAaAaA", "........", "éééééééé", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "aaaa aaaa aaaa", "नि नि नि नि नि", "😀😀😀😀😀😀😀😀",
		"            ", "\t\t\t\t\t\t\t\t", "\u00a0\u00a0\u00a0\u00a0 \u3000\u2003\u00a0", "\u200b\u200c\u200d\u2060\u200b\u200c\u200d\u2060", "\u3164\u3164\u3164\u3164\u3164\u3164\u3164\u3164", "x               ",
	} {
		if got := account.CheckPassword(password, account.User{}); !slices.Equal(got, []string{tooCommon}) {
			t.Errorf("CheckPassword(%+q) = %q; want %q", password, got, tooCommon)
		}
	}
	for _, password := range []string{
		"pagesession correct horse", "my old page and a session", "sessionpage9", "pagesession#k9X2!qw8Z", "aaaaaaab", "ab ab ab ab", "aáaáaáaá", "निनीनिनी",
	} {
		if got := account.CheckPassword(password, account.User{}); got != nil {
			t.Errorf("CheckPassword(%+q) = %q; want none", password, got)
		}
	}
}

// A password is judged in NFC, whichever form is typed.
func TestCheckPassword_InNFC(t *testing.T) {
	zoë := account.User{Username: "zoë.müller-lüdenscheidt"}
	for password, want := range map[string]string{"äöüéà": tooShort, "müller-lüdenscheidt": "The password is too similar to the username."} {
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if got := account.CheckPassword(form.String(password), zoë); !slices.Equal(got, []string{want}) {
				t.Errorf("CheckPassword(%+q) = %q; want %q", form.String(password), got, want)
			}
		}
	}
}

// ASVS 6.2.4 asks for at least 3,000 passwords that the other rules would allow.
func TestCheckPassword_CommonOnes(t *testing.T) {
	file, err := os.Open("data/common-passwords.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	list, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := bufio.NewScanner(list); lines.Scan(); {
		password := lines.Text()
		if len(password) < 8 || strings.Trim(password, "0123456789") == "" {
			continue
		}
		if n++; n%500 == 1 { // each check reads the whole list
			if got := account.CheckPassword(password, account.User{}); !slices.Equal(got, []string{tooCommon}) {
				t.Errorf("CheckPassword(%q) = %q; want %q", password, got, tooCommon)
			}
		}
	}
	if n < 3000 {
		t.Errorf("the list has %d passwords that the other rules allow; want 3,000", n)
	}
}
