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

// lockWait is how long Open waits for another process, such as a server that stops.
const lockWait = 2 * time.Second

// freshPattern is the end of the file's name while it is created.
const freshPattern = ".new-*"

// openFile opens the file at path with bbolt's lock. It creates a missing file.
func openFile(path string) (*bolt.DB, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := makeFile(path); err != nil {
			return nil, fmt.Errorf("create accounts file %q: %w", path, err)
		}
	case err == nil && info.Size() == 0: // bbolt would format it as a new file
		return nil, fmt.Errorf("accounts file %q %w: it is empty; restore it from a backup, or remove it to get a new one", path, ErrDamaged)
	}
	db, err := openBolt(path)
	if err != nil {
		return nil, err
	}
	tidy(path)
	return db, nil
}

// openBolt opens the file and converts bbolt's errors to those of Open.
func openBolt(path string) (db *bolt.DB, err error) {
	err = guarded(func() error {
		db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType})
		return err
	}, func(why error) error { return damaged(path, why) })
	switch {
	case err == nil, errors.Is(err, ErrDamaged):
		return db, err
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("accounts file %q is %w", path, ErrInUse)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("open accounts file: %w; chown it to the server's user", err)
	case !errors.As(err, new(syscall.Errno)): // an error of the content, since the system's are Errno
		return nil, damaged(path, err)
	default:
		return nil, fmt.Errorf("open accounts file %q: %w", path, err)
	}
}

func damaged(path string, why error) error {
	return fmt.Errorf("accounts file %q %w: %w; restore it from a backup, or move it away", path, ErrDamaged, why)
}

// guarded runs do, which reads the file. bbolt trusts its pages, so a damaged page makes it
// panic or fault on the mapped memory; panicked converts that to the error.
func guarded(do func() error, panicked func(error) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = panicked(fmt.Errorf("%v", r))
		}
	}()
	return do()
}

// makeFile creates the file under another name first, because bbolt's first writes are not
// atomic. It links the file to its name, because a rename would replace a file that
// another process has created in the meantime.
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
		// The file system has no links, or another process has created the file and
		// removed ours.
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

// tidy removes unfinished files of killed processes. The caller holds the file's lock.
func tidy(path string) {
	left, err := filepath.Glob(path + freshPattern)
	if err != nil {
		return // the path has characters of a pattern; the files stay
	}
	for _, name := range left {
		_ = os.Remove(name) // a file that stays does no harm
	}
}

// tighten sets mode 0600 on a file with a wider mode, such as one restored from a backup.
func (s *Store) tighten() {
	info, err := os.Stat(s.cfg.Path)
	if err != nil || !disk.OthersCanRead(info) {
		return
	}
	file, mode := slog.String("file", s.cfg.Path), slog.String("mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	if err := os.Chmod(s.cfg.Path, 0o600); err != nil {
		s.cfg.Logger.Error("other users can read the accounts file, with its password hashes; chmod 600 it", file, mode, slog.Any("error", err))
		return
	}
	s.cfg.Logger.Warn("other users could read the accounts file, with its password hashes; its mode is 0600 now", file, mode)
}
