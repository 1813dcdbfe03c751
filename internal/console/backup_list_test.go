package console_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/backup"
	"pagesession/internal/console"
	"pagesession/internal/control"
)

// fakeBackups keeps real backups of the fixture's accounts.
type fakeBackups struct {
	control.Backups
	d      *fixture
	folder backup.Folder
	every  time.Duration
}

func (f *fakeBackups) Plan() console.BackupPlan {
	return console.BackupPlan{Folder: f.folder.Path, Every: f.every, Keep: f.folder.Keep}
}

func (f *fakeBackups) Keep(ctx context.Context) (backup.Info, error) {
	return f.folder.Add(ctx, backup.Source{
		Dir: f.d.dir, Accounts: f.d.accounts.Snapshot, Key: secretKey(), Program: "v1.2.3", Now: f.d.clock.Now,
	})
}

func (f *fakeBackups) List() ([]backup.Kept, error) { return f.folder.List() }

func (f *fakeBackups) Open(name string) (*os.File, int64, error) { return f.folder.Open(name) }

func download(name string) string { return "/admin/backups/?file=" + url.QueryEscape(name) }

// A superuser makes a backup, sees it, and gets the file that was written; the audit log has both.
func TestBackups(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	ada := d.as("ada")
	ada.get("/admin/backups/").Wants(200, "There are no backups yet", "makes no backups by itself", "newest 3", filepath.Join(d.dir, "backups"), "Make a backup now")
	ada.post("/admin/backups/").Wants(303)
	names, err := filepath.Glob(filepath.Join(d.dir, "backups", "pagesession-*.tar"))
	if err != nil || len(names) != 1 {
		t.Fatalf("the folder has %v, %v; want one backup", names, err)
	}
	name := filepath.Base(names[0])
	ada.get("/admin/backups/").Wants(200, "A backup was made.", name, "v1.2.3", "KiB").Lacks("There are no backups yet", "cannot be restored")
	want, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	head := ada.Do("HEAD", download(name), own).Wants(200)
	a := ada.get(download(name)).Wants(200)
	if a.Text != string(want) {
		t.Errorf("the download has %d bytes; want the %d of the file", len(a.Text), len(want))
	}
	for header, value := range map[string]string{
		"Content-Type": "application/x-tar", "Cache-Control": "no-store", "Content-Disposition": `attachment; filename="` + name + `"`,
	} {
		if !strings.Contains(a.Header.Get(header), value) || head.Header.Get(header) != a.Header.Get(header) {
			t.Errorf("%s is %q, and %q for HEAD; want %q", header, a.Header.Get(header), head.Header.Get(header), value)
		}
	}
	entries := d.entries(account.EntryQuery{Kind: account.KindBackup})
	if len(entries) != 2 || entries[0].Action != account.ActionDownload || entries[0].Object != name || entries[1].Action != account.ActionBackup || entries[1].Object != name || entries[1].Actor.Name != "ada" {
		t.Errorf("entries %+v; want that it was made, and downloaded once", entries)
	}
	ada.get("/admin/log/?kind=backup&object="+name).Wants(200, "downloaded backup <b>"+name)
}

// Only names of backups in the folder lead to a file.
func TestBackups_OtherNames(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	ada := d.as("ada")
	ada.post("/admin/backups/").Wants(303)
	for _, name := range []string{"..", "../accounts.sqlite", "../backups/", "pagesession-20200101T000000Z.tar", "pagesession-20200101T000000Z.tar\"; x=\"", "/etc/passwd", "%00"} {
		ada.get(download(name)).Wants(404)
	}
	if entries := d.entries(account.EntryQuery{Action: account.ActionDownload}); len(entries) != 0 {
		t.Errorf("entries %+v; want no download", entries)
	}
}

// Without an audit entry there is no download.
func TestBackups_DownloadNotAudited(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	ada := d.as("ada")
	ada.post("/admin/backups/").Wants(303)
	names, _ := filepath.Glob(filepath.Join(d.dir, "backups", "*.tar"))
	d.refuseEntries()
	ada.get(download(filepath.Base(names[0]))).Lacks("SQLite format", "manifest.json")
}

// Operators who are not superusers see nothing of backups, whatever else they may.
func TestBackups_OnlySuperusers(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("eve", account.Permissions()...)
	d.as("ada").post("/admin/backups/").Wants(303)
	names, _ := filepath.Glob(filepath.Join(d.dir, "backups", "*.tar"))
	eve := d.as("eve")
	eve.get("/admin/").Wants(200).Lacks("/admin/backups/")
	eve.get("/admin/backups/").Wants(403).Lacks("pagesession-2")
	eve.post("/admin/backups/").Wants(403)
	eve.get(download(filepath.Base(names[0]))).Wants(403).Lacks("manifest.json")
	if again, _ := filepath.Glob(filepath.Join(d.dir, "backups", "*.tar")); len(again) != 1 {
		t.Errorf("the folder has %v; want one backup", again)
	}
}

// A folder that fails, and a backup that is damaged, are said; the page works.
func TestBackups_Fail(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Backups.(*fakeBackups).every = 24 * time.Hour })
	d.superuser("ada")
	ada := d.as("ada")
	ada.get("/admin/backups/").Wants(200, "The server makes a backup every 1 d").Lacks("--backup-every")
	ada.post("/admin/backups/").Wants(303)
	ada.post("/admin/backups/").Wants(303) // in the same second, so the name is taken
	ada.get("/admin/backups/").Wants(200, "The backup failed.")
	names, _ := filepath.Glob(filepath.Join(d.dir, "backups", "*.tar"))
	if err := os.Truncate(names[0], 100); err != nil {
		t.Fatal(err)
	}
	ada.get("/admin/backups/").Wants(200, "cannot be restored")
	if err := errors.Join(os.RemoveAll(filepath.Join(d.dir, "backups")), os.WriteFile(filepath.Join(d.dir, "backups"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	ada.get("/admin/backups/").Wants(200, "The folder cannot be read")
	if entries := d.entries(account.EntryQuery{Action: account.ActionBackup}); len(entries) != 1 {
		t.Errorf("entries %+v; want one backup", entries)
	}
}
