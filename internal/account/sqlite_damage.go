package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"pagesession/internal/disk"
)

// confirm judges a file that seemed to be damaged, and moves a damaged one aside. SQLite
// says that a database is malformed also when the disk fails to read it (EIO), so only
// bytes that were read without an error can prove damage: it judges a copy of them.
func (e *sqliteEngine) confirm(ctx context.Context, seen error) error {
	copied := e.path + freshMark + "judged"
	defer e.removeCopy(copied)
	if err := e.copyBytes(copied); err != nil {
		return unavailable(fmt.Errorf("accounts file %q seems to be damaged, or the disk fails to read it; it cannot be copied for a closer look: %w", e.path, err))
	}
	err := (&sqliteEngine{path: copied, log: e.log}).judge(ctx)
	switch {
	case err == nil:
		return unavailable(fmt.Errorf("accounts file %q: the disk failed to read it, once", e.path))
	case errors.Is(err, ErrDamaged):
		return errors.Join(seen, e.moveAside())
	}
	return err
}

// judge checks a whole file that no connection has open.
func (e *sqliteEngine) judge(ctx context.Context) error {
	db, err := e.connect(e.path)
	if err != nil {
		return err
	}
	return errors.Join(e.verify(ctx, db, true), db.close())
}

// copyBytes copies the file and its log. No connection of this process may have the file
// open: to close a descriptor of it would drop SQLite's locks.
func (e *sqliteEngine) copyBytes(to string) error {
	e.removeCopy(to) // of a crashed process
	if err := e.room(); err != nil {
		return err
	}
	if err := copyFile(e.path, to); err != nil {
		return err
	}
	err := copyFile(e.path+"-wal", to+"-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// room refuses a copy that would leave less than half of the free space to others.
func (e *sqliteEngine) room() error {
	free, _, err := disk.Free(filepath.Dir(e.path))
	info, missing := os.Stat(e.path)
	if err == nil && missing == nil && info.Size() > free/2 {
		return fmt.Errorf("%w: it has %d bytes, and %d are free on its disk; make room for two copies", ErrFull, info.Size(), free)
	}
	return nil
}

func (e *sqliteEngine) removeCopy(copied string) {
	for _, part := range sqliteParts {
		_ = os.Remove(copied + part) // the next start tries again
	}
}

// copyFile copies the bytes of a file into a new file that only its owner can read.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // reading has nothing to lose
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	// Without the methods of *os.File, with which io.Copy lets two files share their blocks: a
	// block that cannot be read has to fail here.
	_, err = io.Copy(struct{ io.Writer }{target}, struct{ io.Reader }{source})
	return errors.Join(err, target.Close())
}

// moveAside renames a damaged file and its log, so that a backup can take its place.
func (e *sqliteEngine) moveAside() error {
	aside := e.path + damagedMark + time.Now().UTC().Format(damagedTime)
	for _, part := range sqliteParts {
		if err := os.Rename(e.path+part, aside+part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("move the damaged accounts file aside: %w", err)
		}
	}
	e.log.Error("the accounts file is damaged and was moved aside; the console is closed until you restore a backup", slog.String("file", aside))
	return disk.SyncFolder(filepath.Dir(e.path))
}
