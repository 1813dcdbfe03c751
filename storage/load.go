package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// A loaded file is what the process before us left.
type loaded struct {
	records []*record // in file order, touches applied
	ends    []end
	mark    *mark
	backup  bool
	raw     []rawValue // as the stock driver wrote them
	broken  int        // frames that are not what they should be

	bySeq map[uint64]*record
}

type rawValue struct {
	key   Key
	value []byte
}

// load reads a session file without changing it. A file that does not exist is
// an empty one. Errors: errDamaged, ErrInUse, ErrForeign, ErrNewerFormat, or
// the disk's.
func load(path, bucket string, wait time.Duration) (*loaded, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return &loaded{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if err := verify(f); err != nil {
		return nil, fmt.Errorf("read session file %q: %w", path, err)
	}
	return read(path, bucket, wait)
}

// read goes through the file with bbolt, read only: that needs no freelist and
// writes nothing. verify has made sure that bbolt ends; should it stumble
// nevertheless, the file is damaged.
func read(path, bucket string, wait time.Duration) (l *loaded, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			l, err = nil, fmt.Errorf("read session file %q: %w: %v", path, errDamaged, p)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: wait})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, inUse(path, "")
	case err != nil:
		return nil, fmt.Errorf("read session file %q: %w: %w", path, errDamaged, err)
	}
	defer func() { _ = db.Close() }()
	l = &loaded{bySeq: make(map[uint64]*record)}
	err = db.View(func(tx *bbolt.Tx) error { return l.readFrom(tx, bucket) })
	l.bySeq = nil
	if err != nil {
		return nil, fmt.Errorf("read session file %q: %w", path, err)
	}
	return l, nil
}

func (l *loaded) readFrom(tx *bbolt.Tx, bucket string) error {
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
		return nil
	}
	if err := l.readMeta(root.Bucket(metaBucket)); err != nil {
		return err
	}
	if l.mark == nil && root.Bucket(recordsBucket) != nil {
		return fmt.Errorf("%w: no clock mark", errDamaged)
	}
	l.readRecords(root.Bucket(recordsBucket))
	l.readTouches(root.Bucket(touchesBucket))
	l.readEnds(root.Bucket(endsBucket))
	return l.readRaw(root)
}

func (l *loaded) readMeta(b *bbolt.Bucket) error {
	if b == nil {
		return nil
	}
	l.backup = b.Get(backupKey) != nil
	v := b.Get(markKey)
	if len(v) >= frameHeader && v[4] > frameVersion {
		return fmt.Errorf("%w: version %d, this is %d", ErrNewerFormat, v[4], frameVersion)
	}
	m, err := decodeMark(v)
	if err != nil {
		// Without it nobody knows how long we were away: nothing may live.
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	l.mark = &m
	return nil
}

// each calls fn for every value of a bucket whose key is a sequence number.
func (l *loaded) each(b *bbolt.Bucket, fn func(seq uint64, v []byte) error) {
	if b == nil {
		return
	}
	_ = b.ForEach(func(k, v []byte) error {
		if len(k) != 8 || v == nil || fn(binary.BigEndian.Uint64(k), v) != nil {
			l.broken++
		}
		return nil
	})
}

func (l *loaded) readRecords(b *bbolt.Bucket) {
	l.each(b, func(seq uint64, v []byte) error {
		r, err := decodeRecord(seq, v)
		if err == nil {
			l.records = append(l.records, r)
			l.bySeq[seq] = r
		}
		return err
	})
}

// readTouches moves the records' times on. A touch of a record that was
// rewritten since names a number that nobody has any more.
func (l *loaded) readTouches(b *bbolt.Bucket) {
	l.each(b, func(_ uint64, v []byte) error {
		return decodeTouches(v, func(t touch) {
			if r := l.bySeq[t.seq]; r != nil {
				r.touch(t.used)
			}
		})
	})
}

func (l *loaded) readEnds(b *bbolt.Bucket) {
	l.each(b, func(_ uint64, v []byte) error {
		return decodeEnds(v, func(e end) { l.ends = append(l.ends, e) })
	})
}

func (l *loaded) readRaw(root *bbolt.Bucket) error {
	return root.ForEach(func(k, v []byte) error {
		if v != nil {
			l.raw = append(l.raw, rawValue{KeyOf(string(k)), clone(v)})
		}
		return nil
	})
}
