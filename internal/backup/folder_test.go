package backup_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/backup"
)

// add makes a backup in a folder at the folder's clock.
func (f *folder) add(to backup.Folder) (info backup.Info, err error) {
	f.t.Helper()
	f.using(func(s *account.Store) {
		if info, err = to.Add(f.t.Context(), f.source(s)); err == nil {
			err = to.Prune(info.Name, f.clock.Now())
		}
	})
	return info, err
}

func names(t *testing.T, of backup.Folder) string {
	t.Helper()
	entries, err := os.ReadDir(of.Path)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

// The newest backups are kept, and files of others are neither listed nor removed.
func TestFolder_KeepsTheNewest(t *testing.T) {
	f, to := newFolder(t, "ada"), backup.Folder{Path: filepath.Join(t.TempDir(), "backups"), Keep: 2}
	if list, err := to.List(); err != nil || len(list) != 0 {
		t.Errorf("List of a missing folder = %v, %v; want none", list, err)
	}
	var made []string
	for i := range 4 {
		info, err := f.add(to)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, info.Name)
		if i == 0 {
			others := []string{"pagesession-20261122.tar", "pagesession-20200101T000000Z.tar.gpg", "PAGESESSION-20200101T000000Z.tar", "notes"}
			for _, name := range others {
				if err := os.WriteFile(filepath.Join(to.Path, name), []byte("precious"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(os.Mkdir(filepath.Join(to.Path, "pagesession-20200101T000000Z.tar"), 0o700), os.Symlink("notes", filepath.Join(to.Path, "pagesession-20200102T000000Z.tar"))); err != nil {
				t.Fatal(err)
			}
		}
		f.clock.Advance(time.Hour)
	}
	list, err := to.List()
	if err != nil || len(list) != 2 || list[0].Name != made[3] || list[1].Name != made[2] || list[0].Program != "v1.2.3" || list[0].Problem != "" || list[0].Size == 0 {
		t.Errorf("List = %+v, %v; want the two newest", list, err)
	}
	if got := names(t, to); !strings.Contains(got, "notes") || !strings.Contains(got, "20200101T000000Z.tar ") || !strings.Contains(got, "20200102T000000Z.tar") || strings.Count(got, " ") != 7 {
		t.Errorf("the folder has %s; want two backups and the files of others", got)
	}
	if last, err := to.Last(f.clock.Now()); err != nil || !last.Equal(f.clock.Now().Add(-time.Hour).Truncate(time.Second)) {
		t.Errorf("Last = %v, %v; want an hour ago", last, err)
	}
}

// Backups that a wrong clock has dated into the future neither count as the last one nor push out
// new ones.
func TestFolder_WrongClock(t *testing.T) {
	f, to := newFolder(t, "ada"), backup.Folder{Path: filepath.Join(t.TempDir(), "backups"), Keep: 2}
	f.clock.Advance(48 * time.Hour)
	for range 2 {
		f.clock.Advance(time.Second)
		if _, err := f.add(to); err != nil {
			t.Fatal(err)
		}
	}
	f.clock.Advance(-48 * time.Hour)
	if last, err := to.Last(f.clock.Now()); err != nil || !last.IsZero() {
		t.Errorf("Last = %v, %v; want none", last, err)
	}
	var made []string
	for range 2 {
		f.clock.Advance(time.Second)
		info, err := f.add(to)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, info.Name)
	}
	if got := names(t, to); got != strings.Join(made, " ") {
		t.Errorf("the folder has %s; want %v", got, made)
	}
}

// A failed backup leaves no file and removes none.
func TestFolder_AddFails(t *testing.T) {
	f, to := newFolder(t, "ada"), backup.Folder{Path: filepath.Join(t.TempDir(), "backups"), Keep: 1}
	if _, err := f.add(to); err != nil {
		t.Fatal(err)
	}
	was := names(t, to)
	f.clock.Advance(time.Hour)
	f.using(func(s *account.Store) {
		src, failed := f.source(s), errors.New("the disk is full")
		src.Accounts = func(context.Context, string) error { return failed }
		if _, err := to.Add(t.Context(), src); !errors.Is(err, failed) {
			t.Errorf("Add = %v; want %v", err, failed)
		}
	})
	if is := names(t, to); is != was {
		t.Errorf("the folder has %s; want %s", is, was)
	}
	open := backup.Folder{Path: t.TempDir(), Keep: 1}
	if err := os.Chmod(open.Path, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := f.add(open); err == nil || !strings.Contains(err.Error(), "every user can write") {
		t.Errorf("Add in a folder that every user can write to = %v; want that it is refused", err)
	}
	missing := backup.Folder{Path: filepath.Join(t.TempDir(), "not", "mounted"), Keep: 1}
	if _, err := f.add(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Add in a folder that is not there = %v; want that it is missing", err)
	}
}

// What a killed server left is removed after an hour, and not earlier: another server may be
// writing.
func TestFolder_RemovesLeft(t *testing.T) {
	f, to := newFolder(t, "ada"), backup.Folder{Path: t.TempDir(), Keep: 9}
	for name, age := range map[string]time.Duration{".backup-1.new": 2 * time.Hour, ".backup-2.new": time.Minute, ".backup-3.tar": 2 * time.Hour} {
		path, at := filepath.Join(to.Path, name), f.clock.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.add(to); err != nil {
		t.Fatal(err)
	}
	if got := names(t, to); strings.Contains(got, "1.new") || !strings.Contains(got, "2.new") || !strings.Contains(got, "3.tar") {
		t.Errorf("the folder has %s; want that only .backup-1.new is gone", got)
	}
}

// Only names of backups are opened.
func TestFolder_Open(t *testing.T) {
	f, to := newFolder(t, "ada"), backup.Folder{Path: t.TempDir(), Keep: 9}
	info, err := f.add(to)
	if err != nil {
		t.Fatal(err)
	}
	file, size, err := to.Open(info.Name)
	if err != nil || size != info.Size {
		t.Fatalf("Open(%q) = %d, %v; want %d bytes", info.Name, size, err, info.Size)
	}
	_ = file.Close()
	if err := os.Symlink("/etc/passwd", filepath.Join(to.Path, "pagesession-20200101T000000Z.tar")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "..", "../" + info.Name, info.Name + "/", "secret.key", "pagesession-20200101T000000Z.tar", "pagesession-20200103T000000Z.tar"} {
		if file, _, err := to.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%q) = %v, %v; want that there is none", name, file, err)
		}
	}
	// One that is cut is listed with what is wrong.
	if err := os.Truncate(filepath.Join(to.Path, info.Name), 100); err != nil {
		t.Fatal(err)
	}
	if list, err := to.List(); err != nil || len(list) != 1 || list[0].Problem == "" || list[0].Time.IsZero() || list[0].Size != 100 {
		t.Errorf("List = %+v, %v; want the cut one with its problem", list, err)
	}
}
