package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Backup writes the sessions of one moment to w, in the format of the session file,
// and returns the number of bytes. Changes go on, however slow w is: Backup first
// copies the file's last commit into a temporary file beside it, which needs that
// much free disk. The copy is marked as a backup; see Config.AcceptBackup. Errors:
// ErrFull, ErrUnavailable, ErrClosed, the disk's, or that of w as it is.
func (s *Storage) Backup(ctx context.Context, w io.Writer) (n int64, err error) {
	if err := s.Sync(ctx); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(s.cfg.Database), filepath.Base(s.cfg.Database)+copyingSuffix+"*")
	if err != nil {
		return 0, fmt.Errorf("storage: make a temporary file for the backup: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), removeIfThere(f.Name())) }()
	s.copying.Lock()
	err = s.file().CopyTo(f)
	s.copying.Unlock()
	if err != nil {
		return 0, fmt.Errorf("storage: copy the session file for the backup: %w", err)
	}
	return io.Copy(w, f)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
