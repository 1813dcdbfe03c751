package account

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// WatchDjango is for reading a project's file without SQLite's locks. It returns an
// error unless the file has all that was committed and nothing else; still does the
// same later, and sees that the file is unchanged. Errors: ErrNotSQLite for what is
// no file or empty, ErrUnfinished with what to do about it, or the disk's.
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
			err = fmt.Errorf("read %q: %w: it changed while it was read; stop the project that uses it, and try again", path, ErrUnfinished)
		}
		if err != nil {
			return err
		}
		return settled(path)
	}, nil
}

// A sight of a file changes with each transaction: by the header, or through a -wal
// by the time.
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
		return s, fmt.Errorf("%q %w: it is not a file", path, ErrNotSQLite)
	case info.Size() == 0: // to SQLite a database without tables
		return s, fmt.Errorf("%q %w: it is empty", path, ErrNotSQLite)
	}
	f, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer func() { _ = f.Close() }() // it was only read
	s.size, s.modified = info.Size(), info.ModTime()
	if _, err := io.ReadFull(f, s.header[:]); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return s, fmt.Errorf("read %q: %w", path, err)
	}
	return s, nil
}

// settled looks for what SQLite keeps beside a file: beside the file itself,
// not beside a link to it.
func settled(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for suffix, what := range map[string]string{
		"-journal": "a transaction was not finished",
		"-wal":     "the latest changes are not in the file yet",
	} {
		if info, err := os.Stat(path + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("read %q: %w: %s, see %q; stop the project that uses it, then run: sqlite3 %q 'PRAGMA journal_mode=DELETE; VACUUM'",
				path, ErrUnfinished, what, path+suffix, path)
		}
	}
	return nil
}
