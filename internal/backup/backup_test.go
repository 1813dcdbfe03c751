package backup_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/backup"
)

// What a backup has comes back, and the files that it replaces are kept.
func TestRestore_ThereAndBack(t *testing.T) {
	from := newFolder(t, "ada", "eve")
	path := filepath.Join(t.TempDir(), "one.tar")
	info, err := from.create(path)
	if err != nil || info.Name != "one.tar" || info.Program != "v1.2.3" || !info.Time.Equal(from.clock.Now().Truncate(1e9)) {
		t.Errorf("Create = %+v, %v", info, err)
	}
	if at, err := os.Stat(path); err != nil || at.Mode().Perm() != 0o600 || at.Size() != info.Size {
		t.Errorf("the backup is %v, %v; want mode 0600 and %d bytes", at, err, info.Size)
	}
	to := newFolder(t, "mallory")
	to.write("secret.key", "another key of another server...")
	to.write("console.db", "sessions of operators")
	done, err := to.restore(path)
	if err != nil || done.Users != 2 || done.Program != "v1.2.3" || !done.Made.Equal(info.Time) {
		t.Fatalf("restore = %+v, %v", done, err)
	}
	if got := to.users(); got != "ada eve" {
		t.Errorf("users %q; want ada and eve", got)
	}
	if to.read("secret.key") != key || to.read("settings.env") != settings {
		t.Errorf("key %q, settings %q; want those of the backup", to.read("secret.key"), to.read("settings.env"))
	}
	for _, name := range []string{"accounts.sqlite", "accounts.db", "console.db", "secret.key"} {
		if kept := name + done.Suffix; !slices.Contains(done.Kept, kept) || to.read(kept) == "" {
			t.Errorf("kept %v; want %s among them", done.Kept, kept)
		}
	}
	if to.read("console.db") != "" {
		t.Error("operators' sessions are still there")
	}
	for _, name := range to.names() {
		if strings.HasPrefix(name, "restore") || strings.HasPrefix(name, backup.TempPrefix) {
			t.Errorf("%s is left in the data folder", name)
		}
	}
}

// The replaced files are a whole database, and a second restore keeps its own.
func TestRestore_UndoneByHand(t *testing.T) {
	f := newFolder(t, "ada")
	path := f.backedUp()
	f.using(func(s *account.Store) {
		if _, err := s.CreateUser(t.Context(), cli, account.User{Username: "later", Active: true}, password); err != nil {
			t.Fatal(err)
		}
	})
	first, err := f.restore(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := f.restore(path)
	if err != nil || second.Suffix == first.Suffix {
		t.Fatalf("a second restore = %+v, %v; want another suffix than %s", second, err, first.Suffix)
	}
	for _, name := range []string{"accounts.sqlite", "accounts.db"} {
		if err := os.Rename(f.path(name+first.Suffix), f.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.users(); got != "ada later" {
		t.Errorf("users %q; want those of before", got)
	}
}

// A backup needs no key and no settings, and then restores none.
func TestRestore_AccountsAlone(t *testing.T) {
	from := newFolder(t, "ada")
	path := filepath.Join(t.TempDir(), "one.tar")
	from.using(func(s *account.Store) {
		src := from.source(s)
		src.Key, src.Settings = nil, nil
		if _, err := src.Create(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	})
	to := newFolder(t)
	if _, err := to.restore(path); err != nil {
		t.Fatal(err)
	}
	if to.users() != "ada" || to.read("secret.key") != key || to.read("settings.env") != "" {
		t.Errorf("users %q, key %q, settings %q; want ada, the key of before, and no settings", to.users(), to.read("secret.key"), to.read("settings.env"))
	}
}

// Anyone can unpack a backup with tar, as docs/BACKUP.md says.
func TestBackup_IsATar(t *testing.T) {
	if _, err := exec.LookPath("tar"); err != nil {
		t.Skip("no tar")
	}
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-xf", newFolder(t, "ada").backedUp(), "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("tar: %v: %s", err, out)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Fatalf("unpacked %v, %v; want five files", entries, err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "settings.env")); err != nil || string(b) != settings {
		t.Errorf("settings.env is %q, %v", b, err)
	}
}

// A backup never replaces a file, and leaves nothing after an error.
func TestCreate_Refused(t *testing.T) {
	f := newFolder(t, "ada")
	dir := t.TempDir()
	path := filepath.Join(dir, "there")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.create(path); !errors.Is(err, backup.ErrExists) {
		t.Errorf("Create of an existing file = %v; want ErrExists", err)
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.create(filepath.Join(dir, "link")); !errors.Is(err, backup.ErrExists) {
		t.Errorf("Create of a link's name = %v; want ErrExists", err)
	}
	if _, err := f.create(filepath.Join(dir, "missing", "file")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Create in a missing folder = %v; want that it is missing", err)
	}
	f.using(func(s *account.Store) {
		src := f.source(s)
		src.Accounts = s.Snapshot
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := src.Create(t.Context(), filepath.Join(dir, "closed")); !errors.Is(err, account.ErrClosed) {
			t.Errorf("Create of closed accounts = %v; want ErrClosed", err)
		}
	})
	f.using(func(s *account.Store) { // a file that comes meanwhile
		src := f.source(s)
		src.Accounts = func(ctx context.Context, copied string) error {
			return errors.Join(s.Snapshot(ctx, copied), os.WriteFile(filepath.Join(dir, "raced"), []byte("precious"), 0o600))
		}
		if _, err := src.Create(t.Context(), filepath.Join(dir, "raced")); !errors.Is(err, backup.ErrExists) {
			t.Errorf("Create of a file that came meanwhile = %v; want ErrExists", err)
		}
	})
	if b, _ := os.ReadFile(filepath.Join(dir, "raced")); string(b) != "precious" {
		t.Errorf("the other file has %d bytes; want it as it was", len(b))
	}
	entries, _ := os.ReadDir(dir)
	if b, _ := os.ReadFile(path); len(entries) != 3 || string(b) != "precious" {
		t.Errorf("files %v, %q; want those from before, as they were", entries, b)
	}
	if left, _ := filepath.Glob(f.path(backup.TempPrefix + "*")); left != nil {
		t.Errorf("the data folder has %v", left)
	}
}
