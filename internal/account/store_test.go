package account_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

func TestOpen_FileIsPrivate(t *testing.T) {
	b := open(t)
	if runtime.GOOS != "windows" {
		info, err := os.Stat(b.cfg.Path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
		}
	}
	left, _ := filepath.Glob(b.cfg.Path + ".*")
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOpen_SecondOwnerIsRefused(t *testing.T) {
	b := open(t)
	_, err := account.Open(t.Context(), b.cfg)
	wantErr(t, "Open of a file in use", err, account.ErrInUse)
	if err != nil && (!strings.Contains(err.Error(), b.cfg.Path) || !strings.Contains(err.Error(), "used by another process")) {
		t.Errorf("message %q does not name the file and the other process", err)
	}
}

func TestOpen_OtherFiles(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, path := range map[string]string{
		"text":      write("text", strings.Repeat("not a database\n", 1000)),
		"empty":     write("empty", ""),
		"short":     write("short", "x"),
		"foreign":   plant(t, "other", nil),
		"no format": plant(t, "meta", map[string]string{}),
	} {
		before, _ := os.ReadFile(path)
		wantErr(t, name, openError(t, account.Config{Path: path}), account.ErrDamaged)
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	newer := plant(t, "meta", map[string]string{"format": "2"})
	_, err := account.Open(t.Context(), account.Config{Path: newer})
	wantErr(t, "newer", err, account.ErrNewerFormat)
}

// plant creates a bbolt file with one bucket.
func plant(t *testing.T, bucket string, values map[string]string) string {
	path := filepath.Join(t.TempDir(), "planted.db")
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte(bucket))
		for k, v := range values {
			err = b.Put([]byte(k), []byte(v))
		}
		return err
	})
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	return path
}

func TestReopen_EverythingIsThere(t *testing.T) {
	b := open(t)
	g := b.group("readers", account.ViewSession)
	u := b.add(account.User{
		Username: "ada", Email: "ada@Example.COM", FirstName: "Ada", LastName: "Lovelace", Active: true, Staff: true,
		Groups: []uint64{g.ID}, Permissions: []account.Permission{account.ViewUser},
	})
	if u.Email != "ada@example.com" {
		t.Errorf("e-mail %q; want its domain in small letters", u.Email)
	}
	entry := b.newest()
	b = b.reopen()
	if got := b.user(u.ID); !reflect.DeepEqual(got, u) {
		t.Errorf("after the restart\n%+v; want\n%+v", got, u)
	}
	if got := b.newest(); !reflect.DeepEqual(got, entry) {
		t.Errorf("after the restart\n%+v; want\n%+v", got, entry)
	}
	if u := b.user(u.ID); !u.Can(account.ViewSession) || !u.Can(account.ViewUser) || u.Can(account.DeleteUser) {
		t.Errorf("after the restart he has %v", u.Effective())
	}
}

func TestIDs_AreNeverGivenTwice(t *testing.T) {
	b := open(t)
	first := b.staff("first")
	if err := b.DeleteUsers(t.Context(), cli, first.ID); err != nil {
		t.Fatal(err)
	}
	b = b.reopen()
	if second := b.staff("second"); second.ID <= first.ID {
		t.Errorf("id %d after %d", second.ID, first.ID)
	}
}

func TestClose_EndsChanges(t *testing.T) {
	b := open(t)
	u := b.superuser("ada")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := b.CreateUser(t.Context(), cli, account.User{Username: "late"}, goodPassword)
	wantErr(t, "CreateUser", err, account.ErrClosed)
	wantErr(t, "DeleteUsers", b.DeleteUsers(t.Context(), cli, u.ID), account.ErrClosed)
	_, err = b.signIn("ada", goodPassword, "192.0.2.1")
	wantErr(t, "Authenticate", err, account.ErrClosed)
	_, err = b.Entries(t.Context(), account.EntryQuery{})
	wantErr(t, "Entries", err, account.ErrClosed)
	if _, ok, err := b.Valid(t.Context(), u.ID, u.Epoch); err != nil || !ok {
		t.Error("reads from memory should go on")
	}
}

func TestReaders_OwnWhatTheyGet(t *testing.T) {
	b := open(t)
	u := b.staff("ada", account.ViewUser)
	u.Permissions[0] = account.DeleteUser
	got, _ := b.User(t.Context(), u.ID)
	got.Permissions[0] = account.DeleteUser
	if again := b.user(u.ID); again.Permissions[0] != account.ViewUser {
		t.Errorf("a reader changed the store: %v", again.Permissions)
	}
}

// A disk that is full refuses changes, and nothing else; when there is room
// again they go on.
// The log reports a full disk once, until there is room again.
func TestChange_DiskFullIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	cfg := account.Config{Path: filepath.Join(t.TempDir(), "accounts.db"), Logger: slog.New(slog.NewTextHandler(&log, nil))}
	b := openWith(t, cfg.Cheap(), testkit.NewClock())
	for times := 1; times <= 2; times++ {
		b.LimitFile(1)
		for refused := 0; refused < 3; {
			if _, err := b.CreateGroup(t.Context(), cli, account.Group{Name: fmt.Sprint("group", must(b.Groups(t.Context(), account.GroupQuery{})).Total)}); err != nil {
				refused++
			}
		}
		if n := strings.Count(log.String(), "cannot grow"); n != times {
			t.Fatalf("logged %d times; want %d:\n%s", n, times, log.String())
		}
		b.LimitFile(0)
		b.group(fmt.Sprint("after", times))
	}
}

// A right password is not a failure, also if the sign-in cannot be recorded.
func TestAuthenticate_DiskFullIsNoFailure(t *testing.T) {
	b := open(t)
	b.superuser("root")
	b.LimitFile(1)
	var err error
	for err == nil {
		_, err = b.signIn("root", goodPassword, "192.0.2.1")
	}
	for range 11 {
		_, err = b.signIn("root", goodPassword, "192.0.2.1")
		wantErr(t, "a login", err, account.ErrFull)
	}
	b.LimitFile(0)
	if _, err := b.signIn("root", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("a login when there is room: %v", err)
	}
}

func TestChange_DiskFull(t *testing.T) {
	b := open(t)
	u := b.superuser("root")
	b.LimitFile(1)
	var err error
	for err == nil { // pages that are free are used first
		_, err = b.CreateGroup(t.Context(), cli, account.Group{Name: fmt.Sprint("group", must(b.Groups(t.Context(), account.GroupQuery{})).Total)})
	}
	wantErr(t, "a change", err, account.ErrFull)
	all, last := must(b.Groups(t.Context(), account.GroupQuery{})).Total, b.newest().Seq
	if _, ok, err := b.Valid(t.Context(), u.ID, u.Epoch); err != nil || !ok {
		t.Error("reads should go on")
	}
	_, err = b.GroupByName(t.Context(), fmt.Sprint("group", all))
	wantErr(t, "what was refused", err, account.ErrNotFound)
	b.LimitFile(0)
	b.group("after")
	if e := b.newest(); e.Seq != last+1 {
		t.Errorf("entry %d after %d: a refused change left one", e.Seq, last)
	}
	if n := must(b.reopen().Groups(t.Context(), account.GroupQuery{})).Total; n != all+1 {
		t.Errorf("%d groups after a restart; want %d", n, all+1)
	}
}
