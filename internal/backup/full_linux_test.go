package backup_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/backup"
)

// A smallDisk is a file system of its own.
type smallDisk struct {
	t   *testing.T
	dir string
}

func newSmallDisk(t *testing.T) *smallDisk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("not root: no file system can be mounted")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mounts are not allowed here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	return &smallDisk{t, dir}
}

func (d *smallDisk) filler() string { return filepath.Join(d.dir, "filler") }

// leave fills the disk up to a number of pages.
func (d *smallDisk) leave(pages int) {
	d.t.Helper()
	f, err := os.Create(d.filler())
	if err != nil {
		d.t.Fatal(err)
	}
	page := make([]byte, 4096)
	n := 0
	for err == nil {
		_, err = f.Write(page)
		n++
	}
	if err := f.Truncate(int64(max(0, n-1-pages)) * 4096); err != nil {
		d.t.Fatal(err)
	}
	_ = f.Close()
}

// room empties the disk again.
func (d *smallDisk) room() {
	d.t.Helper()
	if err := os.Remove(d.filler()); err != nil {
		d.t.Fatal(err)
	}
}

// leaves are the pages that the disk has left in the tests below: from none to enough.
var leaves = []int{0, 1, 3, 10, 30, 36, 40, 60, 75, 90, 120, 200}

// wantRoom holds that an error is one line that says to make room.
func wantRoom(t *testing.T, pages int, err error) {
	t.Helper()
	if !strings.Contains(err.Error(), "make room") || strings.Contains(err.Error(), "\n") {
		t.Errorf("with %d pages left: %v; want one line that says to make room", pages, err)
	}
}

// A disk that is full where the backup goes, or where the accounts are copied, leaves nothing half,
// and the accounts go on.
func TestCreate_FullDisk(t *testing.T) {
	for _, where := range []string{"of the backup", "of the data folder"} {
		d := newSmallDisk(t)
		f, to := newFolder(t, "ada"), d.dir
		if where == "of the data folder" {
			f, to = newFolderIn(t, filepath.Join(d.dir), "ada"), t.TempDir()
		}
		failed, made := 0, 0
		for _, pages := range leaves {
			path := filepath.Join(to, "one.tar")
			var err error
			f.using(func(s *account.Store) {
				d.leave(pages)
				_, err = f.source(s).Create(t.Context(), path)
				d.room()
			})
			if _, there := os.Stat(path); (err == nil) != (there == nil) {
				t.Errorf("disk %s, %d pages left: %v, and the file: %v", where, pages, err, there)
			}
			if err != nil {
				failed++
				wantRoom(t, pages, err)
			} else {
				made++
				if _, err := backup.ReadManifest(path); err != nil {
					t.Error(err)
				}
				_ = os.Remove(path)
			}
			if left, _ := filepath.Glob(filepath.Join(d.dir, backup.TempPrefix+"*")); left != nil {
				t.Errorf("disk %s, %d pages left: %v is left", where, pages, left)
			}
			if got := f.users(); got != "ada" {
				t.Errorf("disk %s, %d pages left: users %q; want ada", where, pages, got)
			}
		}
		if failed < 3 || made < 1 {
			t.Errorf("disk %s: %d failed and %d were made; want both", where, failed, made)
		}
	}
}

// A disk that is full during a restore leaves the old files or the new ones.
func TestRestore_FullDisk(t *testing.T) {
	path := newFolder(t, "ada", "eve").backedUp()
	failed, made := 0, 0
	for _, pages := range leaves {
		d := newSmallDisk(t)
		f := newFolderIn(t, d.dir, "mallory")
		f.write("secret.key", otherKey)
		f.write("settings.env", "OLD=1")
		d.leave(pages)
		_, err := f.restore(path)
		want := after
		if err != nil {
			failed, want = failed+1, before
			wantRoom(t, pages, err)
		} else {
			made++
		}
		d.room()
		if got := f.state(); got != want {
			t.Errorf("%d pages left: %v, and then the folder has %q; want %q", pages, err, got, want)
		}
	}
	if failed < 3 || made < 1 {
		t.Errorf("%d failed and %d were restored; want both", failed, made)
	}
}
