package account

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// WatchDjango checks a project's file that is read without SQLite's locks: it returns an
// error if transactions are still in a file beside it. Call still after reading: it
// checks the same again, and that the file is unchanged. Errors: ErrNotSQLite for an
// empty file or none, ErrUnfinished with what to do, or the disk's.
func WatchDjango(path string) (still func() error, err error) {
	before, err := look(path)
	if err != nil {
		return nil, err
	}
	if err := settled(path); err != nil {
		return nil, err
	}
	return func() error {
		after, err := look(path)
		if err == nil && after != before {
			err = fmt.Errorf("read %q: %w: it changed during the import; stop the project that uses it, and try again", path, ErrUnfinished)
		}
		if err != nil {
			return err
		}
		return settled(path)
	}, nil
}

// A sight of a file differs after each transaction: in the header, or with a -wal file in
// the time.
type sight struct {
	header   [100]byte
	size     int64
	modified time.Time
}

func look(path string) (s sight, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return s, err
	case !info.Mode().IsRegular():
		return s, fmt.Errorf("%q %w: not a regular file", path, ErrNotSQLite)
	case info.Size() == 0: // SQLite would read it as a database without tables
		return s, fmt.Errorf("%q %w: the file is empty", path, ErrNotSQLite)
	}
	f, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer func() { _ = f.Close() }() // reading has nothing to lose
	s.size, s.modified = info.Size(), info.ModTime()
	if _, err := io.ReadFull(f, s.header[:]); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return s, fmt.Errorf("read %q: %w", path, err)
	}
	return s, nil
}

// settled returns an error if SQLite has unfinished changes in a file beside path. It
// resolves a link first, because SQLite puts these files beside the file itself.
func settled(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for suffix, what := range map[string]string{
		"-journal": "a transaction is unfinished",
		"-wal":     "the latest changes are not in the file yet",
	} {
		if info, err := os.Stat(path + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("read %q: %w: %s, see %q; stop the project that uses it, then run: sqlite3 %q 'PRAGMA journal_mode=DELETE; VACUUM'",
				path, ErrUnfinished, what, path+suffix, path)
		}
	}
	return nil
}
