package account

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/disk"
)

// lockWait is enough for an overlapping restart.
const lockWait = 2 * time.Second

// freshPattern names the file while it is made.
const freshPattern = ".new-*"

// openFile opens the file at path, alone, and makes it first if there is none.
func openFile(path string) (*bolt.DB, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := makeFile(path); err != nil {
			return nil, fmt.Errorf("make accounts file %q: %w", path, err)
		}
	case err == nil && info.Size() == 0: // bbolt would take it for a new one of its own
		return nil, fmt.Errorf("%w: %q is empty; restore it from a backup, or remove it, and a new one is made", ErrDamaged, path)
	}
	db, err := openBolt(path)
	if err != nil {
		return nil, err
	}
	tidy(path)
	return db, nil
}

// openBolt turns what bbolt says into our words.
func openBolt(path string) (db *bolt.DB, err error) {
	err = guarded(func() error {
		db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType})
		return err
	}, func(why error) error { return damaged(path, why) })
	switch {
	case err == nil, errors.Is(err, ErrDamaged):
		return db, err
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("%w: %q is held by another process, most likely a running pagesession; stop it and try again", ErrInUse, path)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("open accounts file: %w; chown it to the user that serves", err)
	case !errors.As(err, new(syscall.Errno)): // of the content, not of the system
		return nil, damaged(path, err)
	default:
		return nil, fmt.Errorf("open accounts file %q: %w", path, err)
	}
}

func damaged(path string, why error) error {
	return fmt.Errorf("%w: %q: %w; restore it from a backup, or move it away", ErrDamaged, path, why)
}

// guarded does what reads the file. bbolt trusts its pages, so a damaged one makes it
// panic, or fault on the mapped memory: the error is then what panicked makes of it.
func guarded(do func() error, panicked func(error) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = panicked(fmt.Errorf("%v", r))
		}
	}()
	return do()
}

// makeFile makes the file under another name first, because bbolt's first writes
// are not atomic. A link, unlike a rename, leaves a file that another process has
// made meanwhile.
func makeFile(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+freshPattern) // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if err := f.Close(); err != nil {
		return err
	}
	if err := initialise(f.Name()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		// A file system without links, or another process made the file and tidied.
		if err := os.Rename(f.Name(), path); err != nil {
			if _, made := os.Stat(path); made != nil {
				return err
			}
		}
	}
	return disk.SyncFolder(filepath.Dir(path))
}

func initialise(path string) error {
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	return errors.Join(db.Update(format), db.Close())
}

// tidy removes what killed processes left behind. The caller owns the file.
func tidy(path string) {
	left, err := filepath.Glob(path + freshPattern)
	if err != nil {
		return // the path is a pattern of its own; nothing is lost
	}
	for _, name := range left {
		_ = os.Remove(name) // does no harm
	}
}

// tighten gives a file that was restored with a wider mode its own again.
func (s *Store) tighten() {
	info, err := os.Stat(s.cfg.Path)
	if err != nil || !disk.OthersCanRead(info) {
		return
	}
	mode := slog.String("mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	if err := os.Chmod(s.cfg.Path, 0o600); err != nil {
		s.cfg.Logger.Error("accounts file can be read by others, with its password hashes", mode, slog.Any("error", err))
		return
	}
	s.cfg.Logger.Warn("accounts file could be read by others, with its password hashes; it cannot any more", mode)
}
