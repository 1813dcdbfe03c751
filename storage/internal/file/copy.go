package file

import (
	"errors"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// CopyTo writes a copy of the file's last commit to an empty file, marks it as a
// backup, and leaves that at its beginning. The read transaction pins the file's
// pages for as long as a local copy takes. bbolt may only open the copy when it is
// whole: it looks for free pages in a goroutine of its own, whose panic would be
// ours.
func (f *File) CopyTo(to *os.File) error {
	err := f.db.View(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(to)
		return err
	})
	if err != nil {
		return err
	}
	if err := verify(to); err != nil {
		return err
	}
	if err := f.markBackup(to.Name()); err != nil {
		return err
	}
	_, err = to.Seek(0, io.SeekStart)
	return err
}

func (f *File) markBackup(path string) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: f.cfg.Wait})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte(f.cfg.Bucket)).Bucket(metaBucket)
		m, sealed, err := decodeMark(meta.Get(markKey))
		if err != nil {
			return err
		}
		sealed.txid, sealed.backup = uint64(tx.ID()), true
		return meta.Put(markKey, encodeMark(nil, m, sealed))
	})
	return errors.Join(err, db.Close())
}
