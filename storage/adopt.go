package storage

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"pagesession/internal/disk"
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
)

// A start uses a file with many sessions as it is, because writing it anew would take most
// of the start. A file that has fewer, many dead records or much empty room is written anew.
const (
	manySessions = 100_000 // at least so many are live
	livePerDead  = 4       // for each dead record at least so many are live
	mostRoom     = 3       // the file is at most so many times as long as its records, and
	slackRoom    = 1 << 20 // so many bytes longer
)

// usable reports whether an old file can be used as it is.
func (s *Storage) usable(old *file.Loaded, damage error) bool {
	return damage == nil && old.CanAdopt() && !s.cfg.Reset && (!old.Backup || s.cfg.AcceptBackup)
}

// isCompact reports whether a usable file is to be used as it is. A backup is not, as its
// mark would go on calling it one, nor is a file that may soon be too long.
func (s *Storage) isCompact(old *file.Loaded, left *leftOver) bool {
	dead := len(old.Records) + len(old.Dead) - len(left.live)
	return !s.hasToRewrite() && len(left.live) >= s.cfg.many && dead*livePerDead <= len(left.live) && old.Size() <= mostRoom*old.RecordBytes+slackRoom &&
		!old.Backup && old.Size() < s.cfg.MaxFileBytes/2
}

// useAsIs opens a compact old file. done is false where the disk or the file's owner did
// not let it, so that the file has to be written anew.
func (s *Storage) useAsIs(ctx context.Context, old *file.Loaded, left *leftOver) (done bool, err error) {
	if err := s.secure(ctx); err != nil {
		return ctx.Err() != nil, err
	}
	err = s.adopt(ctx, old, left)
	if notAdopted := (*adoptError)(nil); errors.As(err, &notAdopted) {
		return ctx.Err() != nil || errors.Is(err, file.ErrInUse) || errors.Is(err, file.ErrChanged), err
	}
	return true, err
}

// secure gives the old file what a fresh one has: only its owner can read it, and its name
// is durable. The program that put it there may have done neither. When the context is
// done, the disk may still sync the folder.
func (s *Storage) secure(ctx context.Context) error {
	err := os.Chmod(s.cfg.Database, 0o600)
	synced := make(chan error, 1) // so that the goroutine ends with the sync
	go func() { synced <- disk.SyncFolder(filepath.Dir(s.cfg.Database)) }()
	select {
	case syncErr := <-synced:
		return errors.Join(err, syncErr)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// An adoptError says why an old file could not be opened to be used as it is.
type adoptError struct{ error }

func (e *adoptError) Unwrap() error { return e.error }

// adopt opens a usable old file and fills the index. Entries keep their numbers; those
// that do not live on are deleted by later transactions. Errors: an *adoptError, after
// which nothing has happened, or the context's.
func (s *Storage) adopt(ctx context.Context, old *file.Loaded, left *leftOver) error {
	f := s.newFile(0)
	if err := f.Adopt(ctx, s.cfg.Database, old); err != nil {
		return &adoptError{err}
	}
	s.writer.file.Store(f)
	s.trash.add(append(missing(old.Records, left.live), old.Dead...), left.fresh)
	if err := s.populate(ctx, left, index.OldFlush); err != nil {
		return errors.Join(err, f.Close())
	}
	s.writer.journal.adopt(old.Touches(), int(s.index.Count.Load()))
	return nil
}

// missing returns the numbers of the records that do not live on. Both lists are in
// the same order.
func missing(all, live []*entry.Entry) (numbers []uint64) {
	if len(all) == len(live) {
		return nil
	}
	for _, e := range all {
		if len(live) > 0 && live[0] == e {
			live = live[1:]
		} else {
			numbers = append(numbers, e.Seq)
		}
	}
	return numbers
}
