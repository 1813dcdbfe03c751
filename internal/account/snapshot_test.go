package account_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pagesession/internal/account"
)

// snapshotOf returns a folder whose accounts are a snapshot of f's.
func snapshotOf(t *testing.T, f *folder) *folder {
	t.Helper()
	s, err := account.Open(t.Context(), f.config())
	if err != nil {
		t.Fatal(err)
	}
	to := &folder{t, t.TempDir(), "", f.log}
	if err := errors.Join(s.Snapshot(t.Context(), to.path("accounts.sqlite")), s.Close()); err != nil {
		t.Fatal(err)
	}
	return to
}

// A snapshot of either database has everything, is one file with mode 0600, and can be used.
func TestSnapshot_HasEverything(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			url := ""
			if engine == "postgres" {
				url = cluster.Server(t).Database(t)
			}
			from := goldenFolder(t, url)
			if err := from.open(); err != nil { // takes the golden file over
				t.Fatal(err)
			}
			to := snapshotOf(t, from)
			wantLines(t, "the snapshot", to.content(), from.content())
			files, err := os.ReadDir(to.dir)
			if err != nil || len(files) != 1 {
				t.Errorf("files %v, %v; want accounts.sqlite alone", files, err)
			}
			if info, err := files[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the mode is %v, %v; want 0600", info.Mode(), err)
			}
			if err := to.open(); err != nil {
				t.Errorf("Open of the snapshot: %v", err)
			}
		})
	}
}

// While changes go on, a snapshot has each change whole or not at all: a user and the entry
// about them.
func TestSnapshot_OneInstant(t *testing.T) {
	b := open(t)
	b.root = b.superuser("root")
	ctx, stop := context.WithCancel(t.Context())
	made := make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			if _, err := b.CreateGroup(t.Context(), cli, account.Group{Name: fmt.Sprint("group", n)}); err != nil {
				t.Errorf("CreateGroup: %v", err)
			}
		}
		made <- n
	}()
	for i := range 5 {
		path := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := b.Snapshot(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		var groups, entries int
		db := openSQLite(t, path)
		if err := db.QueryRow("SELECT (SELECT count(*) FROM groups), (SELECT count(*) FROM entries WHERE kind = 'group')").Scan(&groups, &entries); err != nil || groups != entries {
			t.Errorf("snapshot %d has %d groups and %d entries about them, %v; want as many", i, groups, entries, err)
		}
	}
	stop()
	if n := <-made; n == 0 {
		t.Error("no change was made meanwhile")
	}
	b.group("after") // the connection is usable, and reads only
}

func TestSnapshot_Fails(t *testing.T) {
	b := open(t)
	path := filepath.Join(t.TempDir(), "missing", "copy")
	if err := b.Snapshot(t.Context(), path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Snapshot(%q) = %v; want that the folder is missing", path, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "copy")
	wantErr(t, "Snapshot of a closed store", b.Snapshot(t.Context(), path), account.ErrClosed)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a failed snapshot left a file: %v", err)
	}
}

// prepare makes a snapshot of b ready to be used, and opens it.
func prepare(t *testing.T, b *bench, now time.Time) *bench {
	t.Helper()
	cfg := b.cfg
	cfg.Path, cfg.URL = filepath.Join(t.TempDir(), account.FileName), ""
	if err := b.Snapshot(t.Context(), cfg.Path); err != nil {
		t.Fatal(err)
	}
	has, err := account.PrepareCopy(t.Context(), cfg.Path, now, cli, account.Event{Action: account.ActionChange, Object: "restored"})
	if err != nil || has.Users != 2 {
		t.Fatalf("PrepareCopy = %+v, %v; want 2 users", has, err)
	}
	return openWith(t, cfg, b.clock)
}

// A prepared copy has the users without their sessions, also those that began after the copy,
// and says in the audit log that it was restored.
func TestPrepareCopy_EndsSessions(t *testing.T) {
	b := open(t)
	root, ada := b.superuser("root"), b.staff("ada")
	after := prepare(t, b, b.clock.Now())
	for _, u := range []account.User{root, ada} {
		for later := range uint64(100) {
			u.Epoch++
			if _, ok := after.valid(u); ok {
				t.Fatalf("a session of %s with the epoch of %d changes later is valid; want that it has ended", u.Username, later)
			}
		}
	}
	if _, err := after.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("a sign-in afterwards: %v", err)
	}
	page, err := after.Entries(t.Context(), account.EntryQuery{Action: account.ActionChange})
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Object != "restored" || page.Entries[0].Actor != cli {
		t.Errorf("entries %+v, %v; want one about the restore", page.Entries, err)
	}
	again := prepare(t, after, b.clock.Now())
	if u := must(again.UserByName(t.Context(), "ada")); u.Epoch <= must(after.UserByName(t.Context(), "ada")).Epoch {
		t.Errorf("a second restore leaves epoch %d; want a later one", u.Epoch)
	}
}

// The default data folder is a relative path.
func TestPrepareCopy_RelativePath(t *testing.T) {
	b := open(t)
	b.superuser("root")
	t.Chdir(t.TempDir())
	path := filepath.Join("data", "accounts.sqlite")
	if err := errors.Join(os.Mkdir("data", 0o700), b.Snapshot(t.Context(), path)); err != nil {
		t.Fatal(err)
	}
	has, err := account.PrepareCopy(t.Context(), path, time.Now(), cli, account.Event{Action: account.ActionRestore, Kind: account.KindBackup})
	if err != nil || has.Users != 1 {
		t.Errorf("PrepareCopy(%q) = %+v, %v; want 1 user", path, has, err)
	}
}

// An older version's copy is upgraded; a newer version's, a damaged one and another program's
// are refused.
func TestPrepareCopy_OtherFiles(t *testing.T) {
	for _, c := range []struct {
		name, edit string
		want       error
	}{
		{"schema 1", "SELECT 1", nil},
		{"a newer schema", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)", account.ErrNewerFormat},
		{"without its tables", "DROP TABLE meta", account.ErrDamaged},
		{"half copied", "INSERT INTO meta (name, value) VALUES ('moving', '1')", account.ErrDamaged},
	} {
		path := filepath.Join(t.TempDir(), account.FileName)
		write(t, path, golden(t, "schema-1.sqlite"))
		db := openSQLite(t, path)
		if _, err := db.Exec(c.edit); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := account.PrepareCopy(t.Context(), path, time.Now(), cli, account.Event{Action: account.ActionChange})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: PrepareCopy = %v; want %v", c.name, err, c.want)
		}
	}
	for _, size := range []int{0, 100, 5000, 20_000} {
		path := filepath.Join(t.TempDir(), account.FileName)
		write(t, path, golden(t, "schema-1.sqlite")[:size])
		if _, err := account.PrepareCopy(t.Context(), path, time.Now(), cli, account.Event{}); !errors.Is(err, account.ErrDamaged) {
			t.Errorf("cut to %d bytes: PrepareCopy = %v; want ErrDamaged", size, err)
		}
	}
}

// openSQLite opens a file as another program would, until the test ends.
func openSQLite(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
