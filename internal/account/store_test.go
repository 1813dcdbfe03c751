package account_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

func TestOpen_FileIsPrivate(t *testing.T) {
	b := open(t)
	b.staff("ada")
	if runtime.GOOS != "windows" {
		for _, part := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(b.cfg.Path + part)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v; want 0600", part, info, err)
			}
		}
	}
	left, _ := filepath.Glob(b.cfg.Path + ".*")
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Commands and a server use one file at the same time, and see each other's changes.
func TestOpen_TwoAtOnce(t *testing.T) {
	b := open(t)
	other := openWith(t, b.cfg, b.clock)
	u := b.staff("ada")
	if got := other.user(u.ID); got.Username != "ada" {
		t.Errorf("the other one sees %+v", got)
	}
	if g := other.group("readers"); g.ID == 0 {
		t.Errorf("the other one made %+v", g)
	}
}

// A file that is not ours is moved aside, and the console stays closed until someone
// decides what to do. Nothing is overwritten.
func TestOpen_OtherFiles(t *testing.T) {
	for name, content := range map[string]string{
		"text":  strings.Repeat("not a database\n", 1000),
		"empty": "",
		"short": "x",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "accounts.sqlite")
			write(t, path, []byte(content))
			b := openWith(t, account.Config{Path: path, Logger: slog.New(slog.DiscardHandler)}, testkit.NewClock())
			for range 2 {
				_, err := b.HasSuperuser(t.Context())
				wantErr(t, name, err, account.ErrDamaged)
				wantErr(t, name, err, account.ErrUnavailable)
				if err != nil && strings.Contains(err.Error(), "-wal") {
					t.Errorf("%v names the log", err)
				}
				b = b.reopen()
			}
			aside, _ := filepath.Glob(path + ".damaged-*")
			if len(aside) != 1 {
				t.Fatalf("moved to %v; want one file", aside)
			}
			if got, _ := os.ReadFile(aside[0]); string(got) != content {
				t.Errorf("%s: the file was changed", name)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("there is a new file in its place")
			}
		})
	}
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
		t.Errorf("after the restart the user has %v", u.Effective())
	}
}

func TestIDs_AreNeverGivenTwice(t *testing.T) {
	b := open(t)
	b.superuser("root")
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
	_, _, err = b.Valid(t.Context(), u.ID, u.Epoch)
	wantErr(t, "Valid", err, account.ErrClosed)
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

// A right password signs in on a full disk, too: what has to be recorded is written when
// there is room.
func TestAuthenticate_DiskFull(t *testing.T) {
	b := open(t)
	root := b.superuser("root")
	b.fill()
	before := b.newest()
	b.clock.Advance(time.Hour)
	at := b.clock.Now()
	for range 11 {
		if _, err := b.signIn("root", goodPassword, "192.0.2.1"); err != nil {
			t.Fatalf("a sign-in on a full disk: %v", err)
		}
	}
	_, err := b.signIn("root", "wrong", "192.0.2.1")
	wantErr(t, "a wrong password on a full disk", err, account.ErrSignIn)
	b.LimitFile(0)
	b.clock.Advance(time.Hour)
	b.Tend()
	if u := b.user(root.ID); !u.LastLogin.Equal(at) {
		t.Errorf("last sign-in %v; want %v", u.LastLogin, at)
	}
	page, err := b.Entries(t.Context(), account.EntryQuery{After: before.Seq})
	if err != nil || len(page.Entries) != 12 || page.Entries[0].Action != account.ActionSignInFailed || !page.Entries[11].At.Equal(at) {
		t.Errorf("entries %+v, %v; want 11 sign-ins and one failure", page.Entries, err)
	}
}

// fill makes the disk full.
func (b *bench) fill() {
	b.t.Helper()
	b.LimitFile(1)
	var err error
	for i := 0; err == nil; i++ { // free pages are used first
		_, err = b.CreateGroup(b.t.Context(), cli, account.Group{Name: fmt.Sprint("filler", i)})
	}
	wantErr(b.t, "a change on a full disk", err, account.ErrFull)
}

func TestChange_DiskFull(t *testing.T) {
	b := open(t)
	u := b.superuser("root")
	b.fill()
	all, last := must(b.Groups(t.Context(), account.GroupQuery{})).Total, b.newest().Seq
	if _, ok := b.valid(u); !ok {
		t.Error("reads should go on")
	}
	_, err := b.GroupByName(t.Context(), fmt.Sprint("filler", all))
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

// A change whose statement failed writes nothing more, is not committed, and returns the
// error of the database, whatever the code in it returns.
func TestChange_FirstErrorEndsIt(t *testing.T) {
	b := open(t)
	b.root = b.superuser("root")
	wantErr(t, "a failed change", b.FailInAChange("after"), account.ErrUnavailable)
	eventually(t, "it goes on", b.usable)
	_, err := b.GroupByName(t.Context(), "after")
	wantErr(t, "the group after the failure", err, account.ErrNotFound)
}

// Open sets mode 0600 on a file from a backup that others can read, and logs it.
func TestOpen_TightensTheMode(t *testing.T) {
	b := open(t)
	if err := errors.Join(b.Close(), os.Chmod(b.cfg.Path, 0o644)); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	b.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	b = b.reopen()
	if info, err := os.Stat(b.cfg.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v; want 0600", info.Mode(), err)
	}
	if !strings.Contains(log.String(), "other users could read the accounts file") {
		t.Errorf("the log has %q", log.String())
	}
}
