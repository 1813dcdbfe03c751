package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Backup writes the sessions of one moment to w, in the format of the session
// file, while serving goes on. A slow w slows nobody down: the moment is
// copied to a temporary file beside the session file first. The copy is marked
// as a backup; see Config.AcceptBackup for what that means. It returns the
// number of bytes written.
func (s *Storage) Backup(w io.Writer) (n int64, err error) {
	if err := s.Sync(); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(s.cfg.Database), filepath.Base(s.cfg.Database)+copyingSuffix+"*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), removeIfThere(f.Name())) }()
	if err := s.copyTo(f); err != nil {
		return 0, fmt.Errorf("copy session file: %w", err)
	}
	return io.Copy(w, f)
}

// copyTo makes the marked copy. The read transaction pins the file's pages for
// as long as a local copy takes. bbolt may only open the copy when it is whole:
// it looks for free pages in a goroutine of its own, whose panic would be ours.
func (s *Storage) copyTo(f *os.File) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	err := s.writer.db.View(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(f)
		return err
	})
	if err != nil {
		return err
	}
	if err := verify(f); err != nil {
		return err
	}
	if err := s.markBackup(f.Name()); err != nil {
		return err
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

func (s *Storage) markBackup(path string) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: s.cfg.Timeout})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(s.writer.bucket).Bucket(metaBucket)
		m, sealed, err := decodeMark(meta.Get(markKey))
		if err != nil {
			return err
		}
		sealed.txid, sealed.backup = uint64(tx.ID()), true
		return meta.Put(markKey, encodeMark(nil, m, sealed))
	})
	return errors.Join(err, db.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
