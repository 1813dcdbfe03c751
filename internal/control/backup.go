package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/backup"
)

// Backups are what operations need of backups.
type Backups interface {
	// Make writes a backup to a new file in the data folder, whose name begins with
	// backup.TempPrefix. The caller moves it to where it belongs.
	Make(ctx context.Context) (backup.Info, error)
	// Keep makes a backup in the server's folder, and removes the oldest ones there.
	Keep(ctx context.Context) (backup.Info, error)
	// Restore checks the backup at path, which people call name, and gets it ready. Without a server
	// it also puts it in place; a server does that at its next start.
	Restore(ctx context.Context, by account.Actor, path, name string) (Restored, error)
}

// MakeBackup is the first half of the command "backup". The result names a file in the data
// folder, which the command takes away.
var MakeBackup = Operation[All, backup.Info]{
	path: "/v1/backup/make", need: Need{Accounts: true, SecretKey: true}, permission: account.Superuser,
	do: func(ctx context.Context, on Stores, _ account.Actor, _ All) (backup.Info, error) {
		return on.Backups.Make(ctx)
	},
	audit: func(backup.Info) []account.Event {
		return []account.Event{{Action: account.ActionBackup, Kind: account.KindBackup}}
	},
}

// ErrBackup is returned by KeepBackup when the backup could not be made.
var ErrBackup = errors.New("the backup could not be made")

// KeepBackup is a button of the console. Error: ErrBackup, with the reason.
var KeepBackup = Operation[All, backup.Info]{
	permission: account.Superuser,
	do: func(ctx context.Context, on Stores, _ account.Actor, _ All) (backup.Info, error) {
		info, err := on.Backups.Keep(ctx)
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrBackup, err)
		}
		return info, err
	},
	audit: func(made backup.Info) []account.Event {
		return []account.Event{{Action: account.ActionBackup, Kind: account.KindBackup, Object: made.Name}}
	},
}

// RestoreBackup is the command "restore". The restored audit log says that it was restored; the
// one in use says so, too, while a server goes on with it. Errors: backup.ErrNotBackup,
// backup.ErrDamaged, backup.ErrNewer.
var RestoreBackup = Operation[BackupFile, Restored]{
	path: "/v1/backup/restore", need: Need{Restore: true, Create: true}, permission: account.Superuser,
	check: BackupFile.check,
	do: func(ctx context.Context, on Stores, by account.Actor, f BackupFile) (Restored, error) {
		return on.Backups.Restore(ctx, by, f.Path, f.called())
	},
	audit: func(r Restored) []account.Event {
		if !r.Server {
			return nil
		}
		return []account.Event{{Action: account.ActionRestore, Kind: account.KindBackup, Object: r.Made.Format(time.RFC3339)}}
	},
}

// A BackupFile is a backup to restore.
type BackupFile struct {
	Path string
	Name string // what messages call it; "" means Path
}

func (f BackupFile) check() error { return checkFile(f.Path, "name a backup") }

func (f BackupFile) path() string { return f.Path }

func (f BackupFile) called() string { return cmp.Or(f.Name, f.Path) }

// watch checks nothing: a backup that changes has another digest.
func (f BackupFile) watch() (func() error, error) { return func() error { return nil }, nil }

func (f *BackupFile) kept(path, name string) { f.Path, f.Name = path, name }

// Restored says what became of a backup.
type Restored struct {
	Made     time.Time `json:"made"`    // when the backup was made
	Program  string    `json:"program"` // the version that made it
	Users    int       `json:"users"`
	Applied  bool      `json:"applied"`            // false: the next start puts it in place
	Kept     []string  `json:"kept,omitempty"`     // names of the replaced files
	Server   bool      `json:"server"`             // a server runs, and goes on with the accounts of before
	Settings string    `json:"settings,omitempty"` // the file that has the backup's settings; "" for none
}
