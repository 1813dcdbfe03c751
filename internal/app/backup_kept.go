package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"pagesession/internal/backup"
	"pagesession/internal/config"
	"pagesession/internal/console"
	"pagesession/internal/disk"
	"pagesession/internal/health"
)

// backupsFolder has the backups, in the data folder, without --backup-dir.
const backupsFolder = "backups"

// folder returns where this server keeps backups.
func (b *backups) folder() backup.Folder { return backupsOf(&b.app.cfg) }

func backupsOf(cfg *config.Config) backup.Folder {
	return backup.Folder{Path: cmp.Or(cfg.Backups.Dir, filepath.Join(cfg.DataDir, backupsFolder)), Keep: cfg.Backups.Keep}
}

// newBackups returns the backups of a server.
func (a *app) newBackups() *backups {
	b := &backups{app: a, ended: make(chan struct{}), holder: func() string { return a.group.Load().ID() }}
	b.schedule = &backup.Schedule{
		Every: a.cfg.Backups.Every, Now: time.Now, Make: func(ctx context.Context) error { _, err := b.Keep(ctx); return err },
		Last: func() (time.Time, error) { return b.folder().Last(time.Now()) },
	}
	if a.shared != nil {
		b.schedule.Turn = b.turn
	}
	return b
}

// start makes backups in the background, if --backup-every says so, until stop.
func (b *backups) start() {
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	if b.schedule.Every == 0 {
		close(b.ended)
		return
	}
	go func() {
		defer close(b.ended)
		b.schedule.Run(ctx)
	}()
}

// abortTime is how long a stop waits for a backup to end; the folder may be on a network that is
// away.
const abortTime = 500 * time.Millisecond

// stop aborts a backup under way. On a nil backups it does nothing.
func (b *backups) stop() {
	if b == nil {
		return
	}
	b.cancel()
	select {
	case <-b.ended:
	case <-time.After(abortTime):
	}
}

// Keep makes a backup in the folder and removes the oldest ones. It logs what came of it.
func (b *backups) Keep(ctx context.Context) (backup.Info, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	folder := b.folder()
	info, err := folder.Add(ctx, b.source())
	if ctx.Err() != nil && err != nil {
		return info, err // a stop, or an operator who has gone: nothing is wrong
	}
	b.schedule.Note(info.Time, err)
	if err != nil {
		b.app.log.Error("a backup could not be made; earlier backups stay", slog.String("folder", folder.Path), slog.Any("error", err))
		return info, err
	}
	if err := folder.Prune(info.Name, time.Now()); err != nil {
		b.app.log.Warn("old backups could not be removed", slog.String("folder", folder.Path), slog.Any("error", err))
	}
	b.app.log.Info("a backup is made", slog.String("file", filepath.Join(folder.Path, info.Name)), slog.Int64("bytes", info.Size))
	return info, nil
}

// Plan implements console.Backups.
func (b *backups) Plan() console.BackupPlan {
	folder := b.folder()
	path, err := filepath.Abs(folder.Path)
	if err != nil { // the working folder is gone
		path = folder.Path
	}
	return console.BackupPlan{Folder: path, Every: b.schedule.Every, Keep: folder.Keep}
}

// List returns the backups in the folder, the newest first.
func (b *backups) List() ([]backup.Kept, error) { return b.folder().List() }

// Open opens a backup in the folder.
func (b *backups) Open(name string) (*os.File, int64, error) { return b.folder().Open(name) }

// The lease of the servers that share Redis: first for the time of a backup, then until the next
// one is due.
const (
	backupLease  = "backup"
	leaseOfWork  = 15 * time.Minute
	leaseEarlier = 2 * time.Minute // the next one may be that much earlier
)

// turn takes the lease. While Redis is away each server makes its own: one too many does no harm.
func (b *backups) turn(ctx context.Context) (bool, func(made bool)) {
	a, id := b.app, b.holder()
	held, err := a.shared.Lease(ctx, backupLease, id, leaseOfWork)
	return held || err != nil, func(made bool) {
		if !made {
			_ = a.shared.Release(ctx, backupLease, id) // without it another server tries after leaseOfWork
			return
		}
		_, _ = a.shared.Lease(ctx, backupLease, id, a.cfg.Backups.Every-leaseEarlier)
	}
}

// health returns the words for a restore that waits, and for a failed backup; none while nothing is
// wrong. On a nil backups there is nothing.
func (b *backups) health() (files []health.File) {
	if b == nil {
		return nil
	}
	if b.restarts.Load() {
		files = append(files, health.WaitingRestore(b.app.cfg.DataDir))
	}
	if st := b.schedule.State(); st.Err != nil {
		files = append(files, health.Backups(b.folder().Path, st.Last, st.Err))
	}
	return files
}

// failed reports whether the last backup failed. On a nil backups it is false.
func (b *backups) failed() bool { return b != nil && b.schedule.State().Err != nil }

// room returns an error if the data folder's disk has too little room for a copy of the accounts.
// A full disk would keep visitors from new sessions meanwhile.
func (b *backups) room() error {
	info, err := os.Stat(filepath.Join(b.app.cfg.DataDir, accountsFile))
	if err != nil {
		return nil // in PostgreSQL, or the copy has the better error
	}
	free, _, err := disk.Free(b.app.cfg.DataDir)
	if need := info.Size() + spare; err == nil && free < need {
		return fmt.Errorf("the disk of the data folder has %d MB left, and a copy of the accounts needs %d MB; make room", free>>20, need>>20)
	}
	return nil
}

// spare is what a backup leaves for sessions.
const spare = 16 << 20
