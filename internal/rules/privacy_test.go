package rules

import (
	"regexp"
	"strings"
	"testing"
)

// privacyPage says what is stored of people.
const privacyPage = "docs/PRIVACY.md"

var (
	sqlTable   = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \(\n(.*?)\n\)`)
	sqlColumn  = regexp.MustCompile(`(?m)^  ([a-z_]+) +(?:TEXT|INTEGER)`)
	cookieName = regexp.MustCompile(`(?:\bCookie\{Name: |CookieName(?:, \S+)*\s*(?:=|:) *)"(\w+)"`)
)

// TestPrivacy_NamesTables holds that docs/PRIVACY.md has a row for each table of the accounts,
// with all of its columns.
func TestPrivacy_NamesTables(t *testing.T) {
	n := 0
	for _, file := range files(t, ".sql") {
		if !strings.HasPrefix(file, "internal/account/") || strings.Contains(file, "testdata") {
			continue
		}
		for _, found := range sqlTable.FindAllStringSubmatch(read(t, file), -1) {
			row := rowOf(t, found[1])
			for _, column := range sqlColumn.FindAllStringSubmatch(found[2], -1) {
				n++
				if !strings.Contains(row, "`"+column[1]+"`") {
					t.Errorf("%s does not say what column %s of table %s is for", privacyPage, column[1], found[1])
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("%d columns found; want those of all tables", n)
	}
}

// rowOf returns the row of the page's tables that begins with a name.
func rowOf(t *testing.T, name string) string {
	t.Helper()
	for line := range strings.Lines(read(t, privacyPage)) {
		if cell, _, ok := strings.Cut(strings.TrimPrefix(line, "|"), "|"); ok && strings.Contains(cell, "`"+name+"`") {
			return line
		}
	}
	t.Errorf("%s has no row for %s", privacyPage, name)
	return ""
}

// TestPrivacy_NamesFields holds that it names each field of a session, as the file and Redis
// have it, and of its client info.
func TestPrivacy_NamesFields(t *testing.T) {
	for _, of := range []struct{ file, name string }{
		{"storage/internal/entry/entry.go", "Life"}, {"storage/internal/entry/entry.go", "Entry"}, {"storage/internal/entry/entry.go", "Tombstone"},
		{"storage/redis/value.go", "head"}, {"session/client_info.go", "ClientInfo"},
	} {
		fields := fieldsOf(t, of.file, of.name)
		if len(fields) < 2 {
			t.Errorf("%s: %s has the fields %q; want to find it", of.file, of.name, fields)
		}
		page := read(t, privacyPage)
		for _, field := range fields {
			if !strings.Contains(page, "`"+strings.ToLower(field)+"`") {
				t.Errorf("%s does not say what field %s of %s is for", privacyPage, field, of.name)
			}
		}
	}
}

// fieldsOf returns the names of a struct's fields, without embedded ones.
func fieldsOf(t *testing.T, file, name string) (fields []string) {
	t.Helper()
	_, body, _ := strings.Cut(read(t, file), "\ntype "+name+" struct {\n")
	body, _, _ = strings.Cut(body, "\n}")
	for _, found := range regexp.MustCompile(`(?m)^\t(\w+(?:, \w+)*) +\S`).FindAllStringSubmatch(body, -1) {
		if found[1] != "Life" {
			fields = append(fields, strings.Split(found[1], ", ")...)
		}
	}
	return fields
}

// TestPrivacy_NamesCookies holds that it has a row for each cookie.
func TestPrivacy_NamesCookies(t *testing.T) {
	n := 0
	for _, file := range files(t, ".go") {
		if strings.HasSuffix(file, "_test.go") || !strings.HasPrefix(file, "internal/") && !strings.HasPrefix(file, "session/") {
			continue
		}
		for _, found := range cookieName.FindAllStringSubmatch(read(t, file), -1) {
			n++
			rowOf(t, found[1])
		}
	}
	if n < 12 {
		t.Errorf("%d cookies found; want all", n)
	}
}
