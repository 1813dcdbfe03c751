package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/boltfile"
	"pagesession/storage/record"
)

// ReadMove returns what the mark of a file says of a move, without reading the sessions. It
// is zero for a file that does not exist, is damaged, or has no mark. Errors: ErrInUse,
// ErrNewerFormat, or the disk's.
func ReadMove(ctx context.Context, path, bucket string, wait time.Duration) (m record.Move, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	defer func() { _ = f.Close() }()
	l := &Loaded{ctx: ctx}
	defer l.Release()
	err = l.readMove(f, bucket, wait)
	if errors.Is(err, ErrDamaged) {
		return m, nil // Open says so
	}
	if err != nil {
		return m, fmt.Errorf("read session file %q: %w", path, err)
	}
	return l.seal.move, nil
}

func (l *Loaded) readMove(f *os.File, bucket string, wait time.Duration) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	if info, err := f.Stat(); err != nil || info.Size() == 0 {
		return errors.Join(err, ErrDamaged)
	}
	if l.db, err = bbolt.Open(f.Name(), 0o600, &bbolt.Options{ReadOnly: true, Timeout: wait}); err != nil {
		return notOpened(f, err)
	}
	if _, err := boltfile.Verify(l.ctx, f); err != nil {
		return err
	}
	return l.db.View(func(tx *bbolt.Tx) error {
		root := tx.Bucket([]byte(bucket))
		if root == nil {
			return ErrDamaged
		}
		return l.readMeta(root.Bucket(metaBucket))
	})
}
