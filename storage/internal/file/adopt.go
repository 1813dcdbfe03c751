package file

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/boltfile"
	"pagesession/storage/record"
)

// Move returns what the mark says of a move.
func (l *Loaded) Move() record.Move { return l.seal.move }

// Size returns the length of the file in bytes.
func (l *Loaded) Size() int64 { return int64(l.newest.Pages) * int64(l.newest.PageSize) }

// Touches returns the numbers of the values of touches in the file.
func (l *Loaded) Touches() []uint64 { return l.touches }

// CanAdopt reports whether the file can be written as it is: this package wrote it,
// and its last commit, too, and bbolt finds each key. A list of free pages, which other
// programs leave, has no checksum; the keys of branch pages have none either, and
// reading does not need them.
func (l *Loaded) CanAdopt() bool {
	return l.db != nil && l.Mark != nil && len(l.Raw) == 0 && l.newest.Free == boltfile.NoFreelist && l.newest.Sorted
}

// Adopt opens the file at path that l was read from, in order to write it as it is,
// and writes nothing yet: the disk may be full. Entries keep their numbers. It
// releases l. Errors: ErrInUse, ErrChanged, or the disk's; also where bbolt panics; or
// the context's, after which the file may stay open until the disk has synced it.
func (f *File) Adopt(ctx context.Context, path string, l *Loaded) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			f.panicked, err = true, panicError(p, true)
		}
		if err != nil {
			err = errors.Join(fmt.Errorf("open session file %q: %w", path, err), f.giveUp())
		}
	}()
	l.Release()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: f.cfg.Wait, NoFreelistSync: true})
	if errors.Is(err, berrors.ErrTimeout) {
		return inUse(path, "")
	}
	if err != nil {
		return err
	}
	f.db.Store(db)
	f.opened()
	return f.adopt(ctx, path, l)
}

func (f *File) adopt(ctx context.Context, path string, l *Loaded) error {
	f.seq, f.digest, f.lists, f.ended, f.move = l.last, l.seal.digest, l.lists, l.seal.ended, l.seal.move
	f.format = min(l.seal.format, untilVersion) // moveVersion is that of a mark only
	if err := f.watchFrom(path); err != nil {
		return err
	}
	f.watch.txid, f.watch.mark = l.txid, l.mark
	if err := f.Check(); err != nil {
		return err
	}
	// A process that was killed may have left a commit that only the system's cache has. What
	// it ended must not live again after a power cut.
	left, err := syncUntil(ctx, f.Conn())
	if left {
		f.db.Store(nil) // see giveUp
	}
	if err != nil {
		return err
	}
	_ = unmapRead(f.watch.file) // else it takes more memory
	return f.newSpace()
}

// giveUp closes a file that was not opened after all, as far as it is open and not left to
// syncUntil.
func (f *File) giveUp() error {
	if f.Conn() != nil {
		f.Abandon()
	}
	if f.watch.file == nil {
		return nil
	}
	return f.watch.file.Close()
}
