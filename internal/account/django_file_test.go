package account_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
)

// enough rows for every project of these tests.
const enough = 10_000

// project makes the file of a small Django project with SQLite, without Django. before
// prepares the file, after changes it.
func project(t testing.TB, path string, before, after string) {
	t.Helper()
	schema, err := os.ReadFile(filepath.Join("testdata", "project.sql"))
	if err != nil {
		t.Fatal(err)
	}
	execute(t, path, before+";"+string(schema)+";"+after)
}

func execute(t testing.TB, path, statements string) {
	t.Helper()
	uri, err := account.DjangoURI(path)
	if err != nil {
		t.Fatal(err)
	}
	uri, _, _ = strings.Cut(uri, "?")
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(statements); err != nil {
		t.Fatalf("%.80s: %v", statements, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func beside(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// The import reads files in all forms of SQLite and with all names, and writes nothing
// beside them.
func TestImportDjango_AnyFileOfSQLite(t *testing.T) {
	for _, tc := range []struct{ name, before string }{
		{"db.sqlite3", ""},
		{"a b?mode=rwc#c%41&immutable=0;d'é.db", ""},
		{"utf16.db", "PRAGMA encoding = 'UTF-16be'; PRAGMA page_size = 512"},
		{"wal.db", "PRAGMA journal_mode = WAL"}, // SQLite removes the -wal at the end
	} {
		path := filepath.Join(t.TempDir(), tc.name)
		project(t, path, tc.before, "")
		b := open(t)
		report, err := b.ImportDjango(t.Context(), cli, path)
		if err != nil || !slices.Equal(report.Users, []string{"ada"}) || !slices.Equal(report.Groups, []string{"guards"}) {
			t.Fatalf("%s: %+v, %v; want ada and guards", tc.name, report, err)
		}
		ada, err := b.UserByName(t.Context(), "ada")
		if err != nil || ada.LastName != "Ångström" || !ada.Superuser || len(ada.Groups) != 1 || !slices.Equal(ada.Permissions, []account.Permission{account.ViewUser}) {
			t.Errorf("%s: ada is %+v, %v", tc.name, ada, err)
		}
		if want := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC); !ada.LastLogin.Equal(want) {
			t.Errorf("%s: ada's last login %v; want %v", tc.name, ada.LastLogin, want)
		}
		if got := beside(t, path); !slices.Equal(got, []string{tc.name}) {
			t.Errorf("%s: the folder has %q", tc.name, got)
		}
	}
}

func TestImportDjango_OtherFilesImportNothing(t *testing.T) {
	b := open(t)
	folder := t.TempDir()
	for name, content := range map[string]string{
		"text": "users: ada", "empty": "", "magic": "SQLite format 3\x00", "pages": "SQLite format 3\x00" + strings.Repeat("\x03", 5000),
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := b.ImportDjango(t.Context(), cli, path)
		wantErr(t, name, err, account.ErrNotSQLite)
	}
	_, err := b.ImportDjango(t.Context(), cli, folder)
	wantErr(t, "a folder", err, account.ErrNotSQLite)
	other := filepath.Join(folder, "other.db")
	execute(t, other, "CREATE TABLE auth_user (id integer PRIMARY KEY, username text)")
	_, err = b.ImportDjango(t.Context(), cli, other)
	wantErr(t, "another database", err, account.ErrNotDjango)
	_, err = b.ImportDjango(t.Context(), cli, filepath.Join(folder, "none"))
	wantErr(t, "no file", err, os.ErrNotExist)
	_, err = b.ImportDjango(t.Context(), console(b.superuser("root")), other)
	wantErr(t, "from the console", err, account.ErrForbidden)
	if n := must(b.Users(t.Context(), account.UserQuery{})).Total; n != 1 {
		t.Errorf("%d users; want 1", n)
	}
}

// A view is not a table; this one would run forever.
func TestImportDjango_ViewsAreNotAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "view.db")
	project(t, path, "", `DROP TABLE auth_group; CREATE VIEW auth_group AS
		WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id, 'group' || id AS name FROM n`)
	err := account.ReadDjango(path, enough)
	wantErr(t, "a view", err, account.ErrNotDjango)
}

func TestImportDjango_Bounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.db")
	project(t, path, "", `INSERT INTO auth_group VALUES (2, printf('%.*c', 1100000, 'x'));
		INSERT INTO auth_user_groups VALUES (2, 2, 1), (3, 3, 1)`)
	if err := account.ReadDjango(path, enough); err == nil || !strings.Contains(err.Error(), "table auth_group") || !strings.Contains(err.Error(), "too big") {
		t.Errorf("a row of 1.1 MB: %v; want an error that says so", err)
	}
	execute(t, path, "DELETE FROM auth_group WHERE id = 2")
	if err := account.ReadDjango(path, 9); err != nil {
		t.Errorf("9 rows: %v", err)
	}
	wantErr(t, "a row too many", account.ReadDjango(path, 8), account.ErrFull)
}

func TestImportDjango_CannotWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	project(t, path, "", "")
	for _, statement := range []string{"DELETE FROM auth_user", "PRAGMA query_only = 0; DELETE FROM auth_user", "CREATE TABLE t (i)"} {
		if err := account.DjangoExec(path, statement); err == nil || !strings.Contains(err.Error(), "readonly") {
			t.Errorf("%s: %v; want that it is read-only", statement, err)
		}
	}
}

// A file with an unfinished transaction is refused. The journal is beside the file
// itself, not beside a link to it.
func TestImportDjango_UnfinishedIsRefused(t *testing.T) {
	for _, suffix := range []string{"-journal", "-wal"} {
		path := filepath.Join(t.TempDir(), "db.sqlite3")
		project(t, path, "", "")
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		write(t, path+suffix, nil) // an empty one means nothing
		if err := account.ReadDjango(link, enough); err != nil {
			t.Fatalf("with an empty %s: %v", suffix, err)
		}
		still, err := account.WatchDjango(link)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path+suffix, []byte("x"))
		wantErr(t, suffix+" came while it was read", still(), account.ErrUnfinished)
		_, err = open(t).ImportDjango(t.Context(), cli, link)
		wantErr(t, "with "+suffix, err, account.ErrUnfinished)
	}
}

// A -wal file that SQLite left has the newest user, who must not be missed.
func TestImportDjango_WALOfARunningProject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	project(t, path, "PRAGMA journal_mode = WAL", "")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE auth_user SET username = 'augusta'"); err != nil {
		t.Fatal(err)
	}
	err = account.ReadDjango(path, enough)
	wantErr(t, "while it runs", err, account.ErrUnfinished)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if report, err := open(t).ImportDjango(t.Context(), cli, path); err != nil || !slices.Equal(report.Users, []string{"augusta"}) {
		t.Errorf("after it: %+v, %v; want augusta", report, err)
	}
}

func TestWatchDjango_SeesTransactions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	project(t, path, "", "")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	still, err := account.WatchDjango(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := still(); err != nil {
		t.Errorf("nobody wrote: %v", err)
	}
	execute(t, path, "UPDATE auth_user SET username = 'bob'")
	wantErr(t, "a transaction", still(), account.ErrUnfinished)
	if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "a transaction that the clock does not show", still(), account.ErrUnfinished)
}

// A damaged file gives rows, or an error that says that it is damaged.
func TestReadDjango_DamagedAnywhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	project(t, path, "PRAGMA page_size = 512", "")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	errs := 0
	masks := []byte{0xff, 0x01, 0x80}
	for i := 0; i < len(content); i += 29 {
		content[i] ^= masks[i%3]
		write(t, path, content)
		if err := account.ReadDjango(path, enough); err != nil {
			errs++
		}
		content[i] ^= masks[i%3]
	}
	if errs == 0 {
		t.Error("no damage was seen")
	}
	for i := 512; i < len(content); i += 512 {
		write(t, path, content[:i])
		err := account.ReadDjango(path, enough)
		if !errors.Is(err, account.ErrNotSQLite) && !errors.Is(err, account.ErrNotDjango) {
			t.Errorf("cut at %d: %v; want %v", i, err, account.ErrNotSQLite)
		}
	}
}

// A page that lost its rows is damaged, not empty.
func TestImportDjango_DamageImportsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	project(t, path, "", "")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	row := bytes.Index(content, []byte("ada@example.org"))
	page := row / 4096 * 4096
	for what, damage := range map[string]func(b []byte){
		"zeroes":       func(b []byte) { clear(b[page : page+4096]) },
		"no rows left": func(b []byte) { b[page+4] = 0 },
		"a long row":   func(b []byte) { b[page+8] = 0xff },
		"rows that are the same bytes": func(b []byte) {
			b[page+4] = 200
			for i := range 200 {
				copy(b[page+8+2*i:], b[page+8:page+10])
			}
		},
	} {
		damaged := bytes.Clone(content)
		damage(damaged)
		write(t, path, damaged)
		b := open(t)
		_, err := b.ImportDjango(t.Context(), cli, path)
		wantErr(t, what, err, account.ErrNotSQLite)
		if !strings.Contains(fmt.Sprint(err), "auth_user") {
			t.Errorf("%s: %v; want the table's name", what, err)
		}
		if n := must(b.Users(t.Context(), account.UserQuery{})).Total; n != 0 {
			t.Errorf("%s: %d users; want none", what, n)
		}
	}
}

// A tree in which each branch is the tree itself has 60^20 pages to visit.
func TestReadDjango_Circles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	project(t, path, "PRAGMA page_size = 512",
		"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO auth_group SELECT i, 'group' || i FROM n")
	root := rootPage(t, path, "auth_group")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := content[(root-1)*512 : root*512]
	if page[0] != 5 {
		t.Fatalf("the root is of kind %d; want 5, with branches", page[0])
	}
	for i := range binary.BigEndian.Uint16(page[3:]) {
		cell := binary.BigEndian.Uint16(page[12+2*i:])
		binary.BigEndian.PutUint32(page[cell:], root)
	}
	write(t, path, content)
	begin := time.Now()
	err = account.ReadDjango(path, enough)
	wantErr(t, "circles", err, account.ErrNotSQLite)
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

func rootPage(t *testing.T, path, table string) (n uint32) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = ?", table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
