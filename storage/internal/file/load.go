package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A Loaded file is what the process before us left.
type Loaded struct {
	Records []*entry.Entry // in file order, touches applied
	Ends    []entry.End
	Mark    *clock.Mark
	Raw     []RawValue // as the stock driver wrote them
	Broken  int        // frames that are not what they should be

	Backup bool // it is a copy that a Backup made

	bySeq map[uint64]*entry.Entry
	seal  seal      // what the mark says of the rest
	newer error     // a frame is of a format that this version does not know; nil: none is
	db    *bbolt.DB // open until release, nil if there is no file
}

type RawValue struct {
	Key   record.Key
	Value []byte
}

// Load reads a session file without changing it, and holds bbolt's lock on it
// until release. A file that does not exist is an empty one. With errDamaged it
// returns an empty one too. Other errors: ErrInUse, ErrForeign, ErrNewerFormat,
// or the disk's.
func Load(path, bucket string, wait time.Duration) (*Loaded, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return &Loaded{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	l := &Loaded{bySeq: make(map[uint64]*entry.Entry)}
	if err := l.read(f, bucket, wait); err != nil {
		err = fmt.Errorf("read session file %q: %w", path, err)
		if errors.Is(err, ErrDamaged) {
			return &Loaded{db: l.db}, err
		}
		l.Release()
		return nil, err
	}
	l.bySeq = nil
	return l, nil
}

// Release gives up bbolt's lock. On Windows it has to come before the file is
// replaced.
func (l *Loaded) Release() {
	if l.db != nil {
		_ = l.db.Close() // it was only read
		l.db = nil
	}
}

// read goes through the file with bbolt, read only: that needs no freelist. It takes
// bbolt's lock first, because a file that is being written looks damaged. If bbolt
// panics although verify found nothing, the file is damaged.
func (l *Loaded) read(f *os.File, bucket string, wait time.Duration) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	if info, err := f.Stat(); err != nil || info.Size() == 0 {
		return errors.Join(err, fmt.Errorf("%w: it is empty", ErrDamaged))
	}
	l.db, err = bbolt.Open(f.Name(), 0o600, &bbolt.Options{ReadOnly: true, Timeout: wait})
	if err != nil {
		return notOpened(f, err)
	}
	if err := verify(f); err != nil {
		return err
	}
	return l.db.View(func(tx *bbolt.Tx) error { return l.readFrom(tx, bucket) })
}

// notOpened tells a damaged file from one that bbolt could not open today.
func notOpened(f *os.File, err error) error {
	var errno syscall.Errno
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return inUse(f.Name(), "")
	case errors.As(err, &errno):
		return err
	}
	if damage := verify(f); damage != nil {
		return damage
	}
	return err
}

func (l *Loaded) readFrom(tx *bbolt.Tx, bucket string) error {
	err := tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if string(name) != bucket {
			return fmt.Errorf("%w: bucket %q; give the sessions a file of their own", ErrForeign, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	root := tx.Bucket([]byte(bucket))
	if root == nil {
		return fmt.Errorf("%w: bucket %q is missing", ErrDamaged, bucket)
	}
	if err := l.readMeta(root.Bucket(metaBucket)); err != nil {
		return err
	}
	if err := l.readOwn(root, uint64(tx.ID())); err != nil {
		return err
	}
	if err := l.readRaw(root); err != nil {
		return err
	}
	if l.Mark == nil && len(l.Raw) == 0 {
		// An empty file of the stock driver, which loses nothing by being moved
		// aside, or one of ours without its root.
		return fmt.Errorf("%w: it holds no values and no mark", ErrDamaged)
	}
	return nil
}

// readOwn reads the buckets of a file that has a mark, and compares what is there
// with the mark's seal. If they differ, it is unknown what is missing: it may be
// the end of a session.
func (l *Loaded) readOwn(root *bbolt.Bucket, txid uint64) error {
	for _, name := range buckets() {
		switch there := root.Bucket(name) != nil; {
		case there && l.Mark == nil:
			return fmt.Errorf("%w: no clock mark", ErrDamaged)
		case !there && l.Mark != nil:
			return fmt.Errorf("%w: bucket %q is missing", ErrDamaged, name)
		}
	}
	if l.Mark == nil {
		return nil
	}
	sum := l.each(root.Bucket(recordsBucket), l.readRecord)
	sum += l.each(root.Bucket(touchesBucket), l.readTouches)
	sum += l.each(root.Bucket(endsBucket), l.readEnds)
	if l.newer != nil {
		return l.newer
	}
	if !l.seal.fits(sum, txid) {
		return fmt.Errorf("%w: entries are missing or out of place", ErrDamaged)
	}
	return nil
}

func (l *Loaded) readMeta(b *bbolt.Bucket) error {
	if b == nil {
		return nil
	}
	m, seal, err := decodeMark(b.Get(markKey))
	if errors.Is(err, ErrNewerFormat) {
		return err
	}
	if err != nil {
		// Without it the time since the last commit is unknown: nothing may live.
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	l.Mark, l.seal, l.Backup = &m, seal, seal.backup
	return nil
}

// each calls read for every value of a bucket whose key is a sequence number, and
// returns the bucket's digest.
func (l *Loaded) each(b *bbolt.Bucket, read func(seq uint64, v []byte) error) (sum digest) {
	_ = b.ForEach(func(k, v []byte) error {
		sum += hashEntry(k, v)
		if len(k) != 8 || v == nil {
			l.Broken++
			return nil
		}
		switch err := read(binary.BigEndian.Uint64(k), v); {
		case errors.Is(err, ErrNewerFormat):
			l.newer = err
		case err != nil:
			l.Broken++
		}
		return nil
	})
	return sum
}

func (l *Loaded) readRecord(seq uint64, v []byte) error {
	r, err := decodeRecord(seq, v)
	if err == nil {
		l.Records = append(l.Records, r)
		l.bySeq[seq] = r
	}
	return err
}

// readTouches moves the records' times on. A touch of a record that was
// rewritten since names a number that is gone.
func (l *Loaded) readTouches(_ uint64, v []byte) error {
	return decodeTouches(v, func(t entry.Touch) {
		if r := l.bySeq[t.Seq]; r != nil {
			r.Touch(t.Used)
		}
	})
}

func (l *Loaded) readEnds(_ uint64, v []byte) error {
	return decodeEnds(v, func(e entry.End) { l.Ends = append(l.Ends, e) })
}

// readRaw takes what the stock driver wrote: values beside our buckets.
func (l *Loaded) readRaw(root *bbolt.Bucket) error {
	return root.ForEach(func(k, v []byte) error {
		switch {
		case v != nil && (isFrame(v) || isOwnBucket(k)):
			return fmt.Errorf("%w: an entry of ours is out of place", ErrDamaged)
		case v != nil:
			l.Raw = append(l.Raw, RawValue{record.KeyOf(string(k)), bytes.Clone(v)})
		case !isOwnBucket(k):
			return fmt.Errorf("%w: bucket %q", ErrForeign, k)
		}
		return nil
	})
}
