package app

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/backup"
	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/internal/servers"
)

// backups makes and restores backups, one at a time, and keeps them (backup_kept.go).
type backups struct {
	app *app
	mu  sync.Mutex // held while one is made or restored

	restarts atomic.Bool      // a restored backup waits for the next start of this server
	schedule *backup.Schedule // nil in a command
	cancel   func()           // ends the schedule
	ended    chan struct{}    // closed when it has ended
	holder   func() string    // which server this is, for the lease
}

// source returns what backups are made of.
func (b *backups) source() backup.Source {
	return backup.Source{
		Dir: b.app.cfg.DataDir, Accounts: b.copyAccounts, Key: b.app.key, Settings: b.app.cfg.Written,
		Program: servers.Version(), Now: time.Now,
	}
}

func (b *backups) copyAccounts(ctx context.Context, path string) error {
	if err := b.room(); err != nil {
		return err
	}
	return b.app.accounts.Snapshot(ctx, path)
}

// Make implements control.Backups.
func (b *backups) Make(ctx context.Context) (backup.Info, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	backup.RemoveUntaken(b.app.cfg.DataDir, time.Now())
	folder, err := os.MkdirTemp(b.app.cfg.DataDir, backup.TempPrefix+"*") // for a name that is free
	if err != nil {
		return backup.Info{}, fmt.Errorf("make a backup: %w", err)
	}
	info, err := b.source().Create(ctx, folder+".tar")
	return info, errors.Join(err, os.Remove(folder))
}

// Restore implements control.Backups. Without a server the command has the lock of the session
// file, so nothing has the accounts open, and the backup gets its place at once. In Redis there
// is no such lock, so a start does that.
func (b *backups) Restore(ctx context.Context, by account.Actor, path, name string) (control.Restored, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.app
	alone := a.isCommand && a.cfg.Sessions.IsFile()
	if alone { // finishes what waits, so that it is not half done
		if _, err := backup.Apply(a.cfg.DataDir); err != nil {
			return control.Restored{}, err
		}
	}
	plan, err := b.target(by).Stage(ctx, path, name)
	if err != nil {
		return control.Restored{}, err
	}
	b.restarts.Store(!a.isCommand)
	done := control.Restored{Made: plan.Made, Program: plan.Program, Users: plan.Users, Server: !a.isCommand}
	if plan.Settings {
		done.Settings = filepath.Join(a.cfg.DataDir, backup.SettingsPart)
	}
	if alone {
		applied, err := backup.Apply(a.cfg.DataDir)
		if err != nil {
			return control.Restored{}, err
		}
		done.Applied, done.Kept = true, applied.Kept
	}
	return done, nil
}

func (b *backups) target(by account.Actor) backup.Target {
	return backup.Target{
		Dir: b.app.cfg.DataDir, CheckKey: b.app.checkRestoredKey, Now: time.Now,
		Prepare: func(ctx context.Context, path string, m backup.Manifest) (int, error) {
			done := account.Event{Action: account.ActionRestore, Kind: account.KindBackup, Object: m.Time.Format(time.RFC3339)}
			has, err := account.PrepareCopy(ctx, path, time.Now(), by, done)
			return has.Users, err
		},
	}
}

// checkRestoredKey returns whether a backup's key becomes the one in the data folder. The file of
// --secret-key may be on a disk that is only read, so it has to have this key already.
func (a *app) checkRestoredKey(key []byte) (keep bool, err error) {
	if len(key) != page.FlashKeySize {
		return false, fmt.Errorf("its secret.key has %d bytes instead of %d", len(key), page.FlashKeySize)
	}
	if a.cfg.SecretKey == "" {
		return true, nil
	}
	now, err := readSecret(a.cfg.SecretKey)
	if err == nil && subtle.ConstantTimeCompare(now, key) != 1 {
		err = fmt.Errorf("its secret.key is not the one in %q: take it out with tar -xf BACKUP secret.key, put it there, and restore again", a.cfg.SecretKey)
	}
	return false, err
}

// errAccountsElsewhere refuses a restore where the accounts are in PostgreSQL, which servers may
// be using, and which keeps nothing of before.
var errAccountsElsewhere = errors.New("the accounts are in PostgreSQL, and a restore writes a file: restore without --accounts and with another --data-dir, " +
	`then copy them to an empty database with "pagesession accounts move --to"`)

// finishRestore puts a backup in place that waits for this start, and drops what an interrupted
// restore has left. It runs before the key is read and the accounts are opened.
func (a *app) finishRestore() error {
	dir := a.cfg.DataDir
	if err := backup.Tidy(dir); err != nil {
		return fmt.Errorf("remove what an interrupted restore left: %w", err)
	}
	if !backup.Pending(dir) {
		return nil
	}
	if a.cfg.Accounts != "" {
		return fmt.Errorf("a backup waits in %q, and %w; or remove that folder", filepath.Join(dir, "restore"), errAccountsElsewhere)
	}
	if control.IsServed(dir) { // with sessions in Redis no lock of a file has found it
		return fmt.Errorf("a backup waits in %q, and another server runs on this data folder; stop that one, and start again", filepath.Join(dir, "restore"))
	}
	done, err := backup.Apply(dir)
	if err != nil {
		return err
	}
	a.log.Info("a backup is restored", slog.Time("made", done.Made), slog.String("by", done.Program), slog.Int("users", done.Users), slog.Any("kept", done.Kept))
	return nil
}

// waitsForStart returns an error if a backup waits for a start, because a command would work on
// the accounts of before.
func waitsForStart(dir string) error {
	if !backup.Pending(dir) {
		return nil
	}
	return fmt.Errorf("a restored backup waits in data folder %q for the next start of the server; start the server once", dir)
}
