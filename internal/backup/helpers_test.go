package backup_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/backup"
	"pagesession/internal/testkit"
)

var cli = account.Actor{Name: "root", Via: account.ViaCommandLine}

const (
	password = "correct horse battery"
	key      = "the key of this server, 32 bytes"
	settings = "PAGESESSION_SESSIONS_PASSWORD=secret\n"
)

// A folder is a data folder whose accounts a test opens.
type folder struct {
	t     *testing.T
	dir   string
	clock *testkit.Clock
}

// newFolder returns a data folder with a key and these users.
func newFolder(t *testing.T, users ...string) *folder {
	t.Helper()
	return newFolderIn(t, t.TempDir(), users...)
}

// newFolderIn is newFolder in an empty folder.
func newFolderIn(t *testing.T, dir string, users ...string) *folder {
	t.Helper()
	f := &folder{t, dir, testkit.NewClock()}
	f.write("secret.key", key)
	f.using(func(s *account.Store) {
		for _, name := range users {
			u := account.User{Username: name, Active: true, Staff: true, Superuser: true}
			if _, err := s.CreateUser(t.Context(), cli, u, password); err != nil {
				t.Fatal(err)
			}
		}
	})
	return f
}

func (f *folder) path(elem ...string) string {
	return filepath.Join(append([]string{f.dir}, elem...)...)
}

func (f *folder) write(name, content string) {
	f.t.Helper()
	if err := os.WriteFile(f.path(name), []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) read(name string) string {
	b, _ := os.ReadFile(f.path(name))
	return string(b)
}

// using opens the accounts for a while.
func (f *folder) using(do func(*account.Store)) {
	f.t.Helper()
	s, err := account.Open(f.t.Context(), account.Config{
		Path: f.path(account.FileName), Now: f.clock.Now, Logger: slog.New(slog.DiscardHandler), CheapHashes: true, SecretKey: []byte(key),
	})
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := s.Health(); err != nil {
		f.t.Errorf("the accounts cannot be used: %v", err)
	}
	do(s)
	if err := s.Close(); err != nil {
		f.t.Fatal(err)
	}
}

// users returns the names of the users, sorted.
func (f *folder) users() string {
	f.t.Helper()
	var names []string
	f.using(func(s *account.Store) {
		page, err := s.Users(f.t.Context(), account.UserQuery{Limit: 100})
		if err != nil {
			f.t.Fatal(err)
		}
		for _, u := range page.Users {
			names = append(names, u.Username)
		}
	})
	slices.Sort(names)
	return strings.Join(names, " ")
}

// names returns the names of the files, sorted.
func (f *folder) names() []string {
	f.t.Helper()
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// create writes a backup of the folder, with settings.
func (f *folder) create(path string) (info backup.Info, err error) {
	f.t.Helper()
	f.using(func(s *account.Store) { info, err = f.source(s).Create(f.t.Context(), path) })
	return info, err
}

func (f *folder) source(s *account.Store) backup.Source {
	return backup.Source{
		Dir: f.dir, Accounts: s.Snapshot, Key: []byte(f.read("secret.key")), Settings: []byte(settings), Program: "v1.2.3", Now: f.clock.Now,
	}
}

// backedUp returns the path of a new backup.
func (f *folder) backedUp() string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "file.tar")
	if _, err := f.create(path); err != nil {
		f.t.Fatal(err)
	}
	return path
}

func (f *folder) target() backup.Target {
	return backup.Target{
		Dir: f.dir, Now: f.clock.Now, CheckKey: func(k []byte) (bool, error) { return true, nil },
		Prepare: func(ctx context.Context, path string, m backup.Manifest) (int, error) {
			has, err := account.PrepareCopy(ctx, path, f.clock.Now(), cli, account.Event{Action: account.ActionChange, Object: m.Time.Format(time.RFC3339)})
			return has.Users, err
		},
	}
}

// restore does both halves.
func (f *folder) restore(path string) (done backup.Applied, err error) {
	f.t.Helper()
	if _, err := f.target().Stage(f.t.Context(), path, filepath.Base(path)); err != nil {
		return done, err
	}
	return backup.Apply(f.dir)
}
