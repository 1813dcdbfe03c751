package storage

import (
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// Backup writes the sessions of one moment to w, in the format of the session
// file, while serving goes on. A slow w slows nobody down: the moment is
// copied to a temporary file beside the session file first. The copy is marked
// as a backup; see Config.AcceptBackup for what that means. It returns the
// number of bytes written.
func (s *Storage) Backup(w io.Writer) (n int64, err error) {
	s.copying.Lock()
	defer s.copying.Unlock()
	if err := s.Sync(); err != nil {
		return 0, err
	}
	path := s.cfg.Database + ".backup"
	defer func() { err = errors.Join(err, removeIfThere(path)) }()
	if err := s.copyTo(path); err != nil {
		return 0, fmt.Errorf("copy session file: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	return io.Copy(w, f)
}

// copyTo makes the marked copy. The read transaction pins the file's pages for
// as long as a local copy takes.
func (s *Storage) copyTo(path string) error {
	if err := removeIfThere(path); err != nil {
		return err
	}
	err := s.writer.db.View(func(tx *bbolt.Tx) error { return tx.CopyFile(path, 0o600) })
	if err != nil {
		return err
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: s.cfg.Timeout})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(s.writer.bucket).Bucket(metaBucket).Put(backupKey, []byte{1})
	})
	return errors.Join(err, db.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
