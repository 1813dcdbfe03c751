package file

import (
	"errors"
	"os"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/storage/internal/entry"
)

// stepSize bounds the transactions of a build.
const stepSize = 50_000

// Build writes a fresh, compact file at path and numbers the entries. It is durable
// when Build returns, by one fsync at the end.
func (f *File) Build(path string, live []*entry.Entry, ends []entry.End) (err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, Timeout: f.cfg.Wait})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for first := true; first || len(live) > 0; first = false {
		n := min(len(live), stepSize)
		if err := f.buildStep(db, func(t *Tx) error { return t.putAll(live[:n]) }, false); err != nil {
			return err
		}
		live = live[n:]
	}
	now := f.cfg.Line.Now()
	if err := f.buildStep(db, func(t *Tx) error { return t.PutEnds(ends, now) }, true); err != nil {
		return err
	}
	return db.Sync()
}

// buildStep is one transaction; the last one leaves the mark of a fresh file.
func (f *File) buildStep(db *bbolt.DB, write func(*Tx) error, last bool) error {
	f.buf = f.buf[:0]
	return db.Update(func(tx *bbolt.Tx) error {
		if err := createBuckets(tx, f.cfg.Bucket); err != nil {
			return err
		}
		t := &Tx{file: f, digest: f.digest}
		if err := t.open(tx); err != nil {
			return err
		}
		if err := write(t); err != nil {
			return err
		}
		f.digest, f.lists = t.digest, append(f.lists, t.added...)
		if !last {
			return nil
		}
		s := seal{digest: f.digest, txid: uint64(tx.ID()), fresh: true}
		return t.root.Bucket(metaBucket).Put(markKey, encodeMark(nil, f.cfg.Line.Mark(), s))
	})
}

func createBuckets(tx *bbolt.Tx, bucket string) error {
	root, err := tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	for _, name := range buckets() {
		if _, err := root.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) putAll(live []*entry.Entry) error {
	for _, e := range live {
		if err := t.PutEntry(e); err != nil {
			return err
		}
	}
	return nil
}

// MoveAside gives the old file a second name, which says when and why. It never
// overwrites a file. Only the owner may read it: the stock driver keeps ids in clear.
func MoveAside(path, suffix string, now time.Time) (string, error) {
	_ = os.Chmod(path, 0o600) // fails on a file of another user, who has to do it
	base := path + suffix + now.UTC().Format("20060102T150405Z")
	name := base
	for i := 2; ; i++ {
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			break
		}
		name = base + "-" + strconv.Itoa(i)
	}
	// A link keeps the file under its own name until the new one replaces
	// it, so a crash in between finds it again.
	if os.Link(path, name) == nil {
		return name, nil
	}
	return name, os.Rename(path, name)
}
