package storage

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
)

// leftOver is what of an old file lives on.
type leftOver struct {
	live    []*entry.Entry // in file order
	numbers []uint64       // that the old file has for them, after keepNumbers
	ends    []entry.End    // still worth keeping
	fresh   []entry.End    // those of them that the file does not have
}

// restore returns what lives on. When the context is done, something is missing.
func (s *Storage) restore(ctx context.Context, old *file.Loaded) *leftOver {
	left := &leftOver{}
	left.live, left.ends, left.fresh = s.restored(ctx, old)
	return left
}

// keepNumbers keeps the numbers of the old file, before a fresh one gives others.
func (l *leftOver) keepNumbers() {
	l.numbers = make([]uint64, len(l.live))
	for i, e := range l.live {
		l.numbers[i] = e.Seq
	}
}

// openFull opens the storage where the disk has no room for a fresh file. It uses
// the old one as it is, once that is verified. Where that cannot be done, it starts
// detached, and the fresh file is built when there is room.
func (s *Storage) openFull(ctx context.Context, old *file.Loaded, damage error, left *leftOver, cause error) error {
	if !s.usable(old, damage) {
		return s.openDetached(ctx, old, damage, left, cause)
	}
	for i, e := range left.live {
		e.Seq = left.numbers[i] // Build has numbered them
	}
	_ = s.secure(ctx) // a file that someone else owns is used as well
	err := s.adopt(ctx, old, left)
	if notAdopted := (*adoptError)(nil); errors.As(err, &notAdopted) && !errors.Is(err, file.ErrInUse) {
		return s.openDetached(ctx, old, nil, left, errors.Join(cause, err))
	}
	if err != nil {
		return err
	}
	s.cfg.Logger.Warn("disk has no room to write the session file anew; it is used as it is",
		slog.String("file", s.cfg.Database), slog.Any("error", cause))
	return nil
}

// openDetached starts without a file that can be written. The old one stays under
// its name until there is room for the new one. It gets its second name last, so that a
// start that is told to stop leaves the folder as it was.
func (s *Storage) openDetached(ctx context.Context, old *file.Loaded, damage error, left *leftOver, cause error) error {
	old.Release()
	for i, e := range left.live {
		e.Seq = uint64(i + 1)
	}
	s.writer.file.Store(s.newFile(uint64(len(left.live))))
	if err := s.populate(ctx, left, index.NoFlush); err != nil {
		return err
	}
	if err := s.moveAside(old, damage, len(left.live)); err != nil {
		return err
	}
	return s.writer.startDetached(cause)
}

// startDetached has the writer begin without a file, see detachment.
func (w *writer) startDetached(cause error) error {
	d := &detachment{pause: firstPause, err: w.unavailable(cause)}
	if _, err := os.Lstat(w.cfg.Database); err == nil && !errors.Is(cause, file.ErrChanged) {
		if err := d.own.open(w.cfg.Database); err != nil {
			return err
		}
	}
	w.detached = d
	w.report(FileDetached, cause)
	w.later()
	return nil
}
