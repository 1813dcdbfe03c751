package account_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
)

// content returns what the database has, as accounts-v1.txt lists it.
func (f *folder) content() string {
	f.t.Helper()
	driver, name := "sqlite", f.path("accounts.sqlite")
	if f.url != "" {
		driver, name = "pgx", f.url
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	return dump(f.t, db)
}

// dump returns the content of a database, one line for each counter, user, group and
// entry.
func dump(t *testing.T, db *sql.DB) string {
	t.Helper()
	var out strings.Builder
	lines := func(format, query string, edit func([]any)) {
		t.Helper()
		rows, err := db.Query(query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		defer func() { _ = rows.Close() }()
		columns, _ := rows.Columns()
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range into {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			if edit != nil {
				edit(values)
			}
			fmt.Fprintf(&out, format, values...)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	list := func(at ...int) func([]any) { // a list with commas becomes a slice
		return func(values []any) {
			for _, i := range at {
				text, _ := values[i].(string)
				parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
				slices.SortFunc(parts, compareListed)
				values[i] = parts
			}
		}
	}
	const yes = "active = 1, staff = 1, superuser = 1"
	lines("meta format 1 decoy %s\n", "SELECT value FROM meta WHERE name = 'decoy'", nil)
	lines("counter %s %d\n", "SELECT name, last FROM counters ORDER BY name DESC", nil)
	lines("user %d %q %q %q %q hash %q active %t staff %t superuser %t last %d joined %d epoch %d version %d groups %v own %v\n",
		"SELECT id, username, email, first_name, last_name, hash, "+yes+", coalesce(last_login, 0), joined, epoch, version, "+
			"(SELECT string_agg(CAST(group_id AS TEXT), ',') FROM user_groups WHERE user_id = id), "+
			"(SELECT string_agg(permission, ',') FROM user_permissions WHERE user_id = id) FROM users ORDER BY id",
		func(values []any) {
			list(13, 14)(values)
			for i := 6; i < 9; i++ {
				values[i] = values[i] == true || values[i] == int64(1)
			}
		})
	lines("group %d %q version %d %v\n",
		"SELECT id, name, version, (SELECT string_agg(permission, ',') FROM group_permissions WHERE group_id = id) FROM groups ORDER BY id", list(3))
	lines("entry %d at %d by %d %q from %q via %q: %q %q %q %q %q %d\n",
		"SELECT id, at, actor_id, actor, address, via, action, kind, object_id, object, fields, count FROM entries ORDER BY id", list(10))
	return out.String()
}

// compareListed orders ids by number and permissions as in forms.
func compareListed(a, b string) int {
	rank := func(p string) int { return slices.Index(account.Permissions(), account.Permission(p)) }
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// wantLines compares two texts and reports the first line that differs.
func wantLines(t *testing.T, what, got, want string) {
	t.Helper()
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		if g, w := line(gotLines, i), line(wantLines, i); g != w {
			t.Errorf("%s: line %d is\n%s\nwant\n%s", what, i+1, g, w)
			return
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}
