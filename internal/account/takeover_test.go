package account_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// A folder is a data folder with the golden file of an earlier version.
type folder struct {
	t   *testing.T
	dir string
	url string // of PostgreSQL; "" for SQLite
	log *bytes.Buffer
}

func goldenFolder(t *testing.T, url string) *folder {
	f := &folder{t, t.TempDir(), url, new(bytes.Buffer)}
	f.write("accounts.db", golden(t, "accounts-v1.db"))
	return f
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f *folder) write(name string, content []byte) {
	f.t.Helper()
	if err := os.WriteFile(f.path(name), content, 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) read(name string) []byte {
	f.t.Helper()
	b, err := os.ReadFile(f.path(name))
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

func (f *folder) has(name string) bool {
	_, err := os.Stat(f.path(name))
	return !errors.Is(err, fs.ErrNotExist)
}

func (f *folder) config() account.Config {
	return account.Config{
		Path: f.path("accounts.sqlite"), URL: f.url, Now: testkit.NewClock().Now, Logger: slog.New(slog.NewTextHandler(f.log, nil)),
	}.Cheap()
}

// open opens the accounts and returns why they cannot be used.
func (f *folder) open() error {
	f.t.Helper()
	s, err := account.Open(f.t.Context(), f.config())
	if err != nil {
		return err
	}
	_, err = s.Health()
	return errors.Join(err, s.Close())
}

// listed is accounts-v1.txt, with what a database has in another form: a zero byte, which
// PostgreSQL refuses, and a field with a comma, which no version wrote.
func listed(t *testing.T) string {
	text := string(golden(t, "accounts-v1.txt"))
	return strings.NewReplacer(`\x00`, "\uFFFD", `"b,c"`, `"b" "c"`).Replace(text)
}

// conflicts are the entries about the names of the golden file that normalization makes
// equal.
var conflicts = []string{
	`"conflict" "user" "14" "finn"`, `"conflict" "user" "15" "ﬁnn"`, `"conflict" "group" "4" "café"`, "\"conflict\" \"group\" \"5\" \"cafe\u0301\"",
}

// wantTaken checks that everything was taken over, once, and that the old file is kept.
func (f *folder) wantTaken(when string) {
	f.t.Helper()
	got, want := f.content(), listed(f.t)
	want = strings.Replace(want, "counter entries 236", fmt.Sprint("counter entries ", 236+len(conflicts)), 1)
	got, added, _ := strings.Cut(got, "entry 237 ")
	added = "entry 237 " + added
	wantLines(f.t, when, got, want)
	for _, c := range conflicts {
		if strings.Count(added, c) != 1 {
			f.t.Errorf("%s: the audit log ends with\n%s\nwant %s once", when, added, c)
		}
	}
	if !bytes.Equal(f.read("accounts.db.migrated"), golden(f.t, "accounts-v1.db")) {
		f.t.Errorf("%s: accounts.db.migrated differs from the old file", when)
	}
	f.wantMark(when)
}

// wantMark checks the mark with the check of earlier versions: they read meta/format and
// refuse a number above 1.
func (f *folder) wantMark(when string) {
	f.t.Helper()
	db, err := bolt.Open(f.path("accounts.db"), 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		f.t.Fatalf("%s: the mark: %v", when, err)
	}
	defer func() { _ = db.Close() }()
	err = db.View(func(tx *bolt.Tx) error {
		if format := string(tx.Bucket([]byte("meta")).Get([]byte("format"))); format != "2" {
			f.t.Errorf("%s: the mark has format %q; want 2", when, format)
		}
		return nil
	})
	if info, statErr := os.Stat(f.path("accounts.db")); err != nil || statErr != nil || info.Mode().Perm() != 0o600 {
		f.t.Errorf("%s: the mark: %v, %v, %v; want mode 0600", when, err, info.Mode(), statErr)
	}
}

func TestTakeover_TakesEverything(t *testing.T) {
	f := goldenFolder(t, "")
	for _, when := range []string{"at the first start", "at the second"} {
		if err := f.open(); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		f.wantTaken(when)
	}
	for _, part := range []string{"taken over", `\ufb01nn`, `\u0301`} {
		if !strings.Contains(f.log.String(), part) {
			t.Errorf("the log lacks %s:\n%s", part, f.log)
		}
	}
	if names, _ := filepath.Glob(f.path("*")); len(names) != 3 {
		t.Errorf("files %q; want accounts.sqlite, the mark and the old file", names)
	}
}

// Each state that a crash can leave is finished by the next start.
func TestTakeover_AfterACrash(t *testing.T) {
	done := goldenFolder(t, "")
	if err := done.open(); err != nil {
		t.Fatal(err)
	}
	empty := &folder{t, t.TempDir(), "", new(bytes.Buffer)}
	if err := empty.open(); err != nil {
		t.Fatal(err)
	}
	old, taken := golden(t, "accounts-v1.db"), done.read("accounts.sqlite")
	for when, files := range map[string]map[string][]byte{
		"half of a new file":     {"accounts.db": old, "accounts.sqlite.new-1": taken[:5000]},
		"before the transaction": {"accounts.db": old, "accounts.sqlite": empty.read("accounts.sqlite")},
		"after the transaction":  {"accounts.db": old, "accounts.sqlite": taken},
		"before the mark":        {"accounts.db": old, "accounts.sqlite": taken, "accounts.db.migrated": old, "accounts.db.new-1": old[:4096]},
	} {
		f := goldenFolder(t, "")
		for name, content := range files {
			if name == "accounts.db.migrated" {
				if err := os.Link(f.path("accounts.db"), f.path(name)); err != nil {
					t.Fatal(err)
				}
				continue
			}
			f.write(name, content)
		}
		if err := f.open(); err != nil {
			t.Errorf("%s: %v", when, err)
			continue
		}
		f.wantTaken(when)
		if f.has("accounts.db.migrated-2") {
			t.Errorf("%s: the old file was kept twice", when)
		}
	}
}

// Another old file beside a database with users is refused, and both stay as they are.
func TestTakeover_BothHaveOperators(t *testing.T) {
	f := goldenFolder(t, "")
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	other := golden(t, "format-1.db")
	f.write("accounts.db", other)
	before := f.content()
	err := f.open()
	wantErr(t, "another old file", err, err)
	if err == nil || !strings.Contains(err.Error(), "both") || !strings.Contains(err.Error(), "accounts.db") || !strings.Contains(err.Error(), "accounts.sqlite") {
		t.Errorf("another old file: %v; want an error that names both", err)
	}
	if f.content() != before || !bytes.Equal(f.read("accounts.db"), other) {
		t.Error("a refusal changed something")
	}
	if err := os.Remove(f.path("accounts.sqlite")); err != nil {
		t.Fatal(err)
	}
	if err := f.open(); err != nil { // the other file alone is taken over
		t.Errorf("the other file alone: %v", err)
	}
	if !bytes.Equal(f.read("accounts.db.migrated-2"), other) || !bytes.Equal(f.read("accounts.db.migrated"), golden(t, "accounts-v1.db")) {
		t.Error("the two old files are not both kept")
	}
}

// A mark without its database never begins with new operators.
func TestTakeover_ADatabaseThatIsGone(t *testing.T) {
	f := &folder{t, t.TempDir(), "", new(bytes.Buffer)}
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	f.wantMark("a fresh folder")
	if err := os.Remove(f.path("accounts.sqlite")); err != nil {
		t.Fatal(err)
	}
	err := f.open()
	if err == nil || !strings.Contains(err.Error(), "is missing") || !strings.Contains(err.Error(), "restore a backup") {
		t.Errorf("a lost database: %v; want a refusal with what to do", err)
	}
	if f.has("accounts.sqlite") {
		t.Error("a lost database was made anew")
	}
	if err := os.Remove(f.path("accounts.db")); err != nil {
		t.Fatal(err)
	}
	if err := f.open(); err != nil {
		t.Errorf("without the mark: %v; want a new database", err)
	}
}

// An empty PostgreSQL takes the accounts over, too; one with other operators refuses.
func TestTakeover_Postgres(t *testing.T) {
	f := goldenFolder(t, cluster.Server(t).Database(t))
	for _, when := range []string{"at the first start", "at the second"} {
		if err := f.open(); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		f.wantTaken(when)
	}
	if f.has("accounts.sqlite") {
		t.Error("there is a SQLite file, too")
	}
	f.write("accounts.db", golden(t, "accounts-v1.db")) // as a crash before the mark leaves it
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	f.wantTaken("after a crash before the mark")
	f.write("accounts.db", golden(t, "format-1.db"))
	if err := f.open(); err == nil || !strings.Contains(err.Error(), "both postgres://") {
		t.Errorf("another old file: %v; want an error that names both", err)
	}
}

// A folder's mark names its database, also before there are operators. Another one is
// refused until a person removes the mark.
func TestTakeover_AnotherDatabase(t *testing.T) {
	used, fresh, other := goldenFolder(t, ""), &folder{t, t.TempDir(), "", new(bytes.Buffer)}, goldenFolder(t, "")
	for _, f := range []*folder{used, fresh, other} {
		if err := f.open(); err != nil {
			t.Fatal(err)
		}
	}
	for what, f := range map[string]*folder{"a folder with operators": used, "a fresh folder": fresh} {
		own := f.read("accounts.sqlite")
		f.write("accounts.sqlite", other.read("accounts.sqlite"))
		f.refuses("another file for "+what, "are in another database")
		f.write("accounts.sqlite", own)
		f.url = cluster.Server(t).Database(t)
		f.refuses("an empty PostgreSQL for "+what, "start without --accounts")
		if err := os.Remove(f.path("accounts.db")); err != nil {
			t.Fatal(err)
		}
		if err := f.open(); err != nil {
			t.Errorf("an empty PostgreSQL for %s without its mark: %v", what, err)
		}
		empty := f.url
		f.url = cluster.Server(t).Database(t)
		f.refuses("another PostgreSQL for "+what, "are in another database")
		f.url = ""
		f.refuses("the file of "+what, "are in PostgreSQL")
		if f.url = empty; f.open() != nil {
			t.Errorf("the PostgreSQL of %s is refused", what)
		}
	}
}

// refuses checks that the database of the folder is not used.
func (f *folder) refuses(what, why string) {
	f.t.Helper()
	if err := f.open(); err == nil || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "accounts.db") {
		f.t.Errorf("%s: %v; want a refusal with %q and the mark", what, err, why)
	}
}

// The folder's own database without its users, as a partial restore leaves it, is refused.
func TestTakeover_LostUsers(t *testing.T) {
	for _, url := range []string{"", cluster.Server(t).Database(t)} {
		f := goldenFolder(t, url)
		if err := f.open(); err != nil {
			t.Fatal(err)
		}
		b := &bench{t: t, cfg: f.config()}
		b.run("DELETE FROM users")
		f.refuses("no users", "has lost its users")
		if err := os.Remove(f.path("accounts.db")); err != nil {
			t.Fatal(err)
		}
		openWith(t, f.config(), testkit.NewClock()).wantFirstRun("without the mark", false)
	}
}

func TestTakeover_OldFileInUse(t *testing.T) {
	f := goldenFolder(t, "")
	db, err := bolt.Open(f.path("accounts.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = account.Open(t.Context(), f.config())
	wantErr(t, "Open while an earlier version runs", err, account.ErrInUse)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	f.wantTaken("after the earlier version has stopped")
}
