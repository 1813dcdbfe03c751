package file

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"

	"go.etcd.io/bbolt"

	"pagesession/internal/boltfile"
	"pagesession/internal/disk"
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/planted"
)

// stepSize bounds the entries in one transaction of Build.
const stepSize = 50_000

// Build writes a fresh, compact file at path and numbers the entries. It syncs once,
// at the end; when it returns nil the file is durable.
func (f *File) Build(ctx context.Context, path string, live []*entry.Entry, ends []entry.End) (err error) {
	next := func() (step []*entry.Entry) {
		n := min(len(live), stepSize)
		step, live = live[:n], live[n:]
		return step
	}
	n := 0
	put := func(t *Tx, e *entry.Entry) error {
		if n++; n%EntriesBetweenLooks == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		until := e.Until
		e.Until = 0 // the start has seen it in time
		err := t.PutEntry(e)
		e.Until = until // for a file that is used as it is
		return err
	}
	return cmp.Or(f.build(ctx, path, put, next, func() []entry.End { return ends }), ctx.Err())
}

// Rebuild is Build of entries that keep their numbers. next returns some of them, in
// the order of their numbers, and none when there are no more; then ends is called.
// No number may be above those that f has given.
func (f *File) Rebuild(path string, next func() []*entry.Entry, ends func() []entry.End) error {
	return f.build(context.Background(), path, (*Tx).putNumbered, next, ends)
}

// build writes a file step by step. The last transaction seals it.
func (f *File) build(ctx context.Context, path string, put func(*Tx, *entry.Entry) error, next func() []*entry.Entry, ends func() []entry.End) (err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, Timeout: f.cfg.Wait})
	if err != nil {
		return err
	}
	f.db.Store(db)
	f.opened()
	left := false // to the goroutine of syncUntil
	defer func() {
		if !left {
			err = errors.Join(err, db.Close())
		}
	}()
	err = db.Update(func(tx *bbolt.Tx) error { return createBuckets(tx, f.cfg.Bucket) })
	for step := next(); len(step) > 0 && err == nil; step = next() {
		_, err = f.Update(func(t *Tx) error { return t.putAll(step, put) })
	}
	if err != nil {
		return err
	}
	last, now := ends(), f.cfg.Line.Now()
	if _, err := f.Update(func(t *Tx) error { t.Wrote, t.fresh = true, true; return t.PutEnds(last, now) }); err != nil {
		return err
	}
	if err := f.firm(path); err != nil {
		return err
	}
	left, err = syncUntil(ctx, db)
	return err
}

// syncUntil syncs the file. When the context is done first, it leaves the file to a
// goroutine that closes it after the sync, and left is true.
func syncUntil(ctx context.Context, db *bbolt.DB) (left bool, err error) {
	synced := make(chan error)
	go func() {
		err := db.Sync()
		select {
		case synced <- err:
		case <-ctx.Done():
			_ = db.Close() // this writes nothing
		}
	}()
	select {
	case err := <-synced:
		return false, err
	case <-ctx.Done():
		return true, ctx.Err()
	}
}

// firm has the disk take all that the built file needs to be opened, since the driver
// commits then, and a little more.
func (f *File) firm(path string) error {
	fd, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = fd.Close() }()
	var used int64
	err = f.Conn().View(func(tx *bbolt.Tx) error {
		used = tx.Size()
		return nil
	})
	if err != nil {
		return err
	}
	if err := allocate(fd, 0, used+finest); disk.IsFull(err) {
		return err
	}
	return nil
}

func createBuckets(tx *bbolt.Tx, bucket string) error {
	root, err := tx.CreateBucket([]byte(bucket))
	if err != nil {
		return err
	}
	for _, name := range buckets() {
		if _, err := root.CreateBucket(name); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) putAll(step []*entry.Entry, put func(*Tx, *entry.Entry) error) error {
	for _, e := range step {
		if err := put(t, e); err != nil {
			return err
		}
	}
	return nil
}

// CopyTo writes a copy of the file's last commit to an empty file, marks it as a
// backup, and seeks to its start. It verifies the copy before bbolt opens it,
// because a panic in one of bbolt's own goroutines cannot be recovered.
func (f *File) CopyTo(to *os.File) error {
	err := f.Conn().View(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(to)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := boltfile.Verify(context.Background(), to); err != nil {
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
		sealed.txid, sealed.backup = uint64(tx.ID()), !planted.BackupUnmarked
		return meta.Put(markKey, encodeMark(nil, m, sealed))
	})
	return errors.Join(err, db.Close())
}
