package file

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/boltfile"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A Loaded is the content of the file that the last process left.
type Loaded struct {
	Records  []*entry.Entry // in file order, touches applied
	Ends     []entry.End
	Dead     []uint64    // numbers of entries that are still there, and have ended with all others
	DeadEnds []entry.End // ends of the last of them (see Limits), which are also in Ends and not in the file
	Mark     *clock.Mark
	Raw      []RawValue // values that Fiber's own driver wrote
	Broken   int        // frames that cannot be decoded

	Backup      bool  // the file is a copy that Backup made
	RecordBytes int64 // of keys and values of all records

	ctx     context.Context // ends the reading
	limits  Limits
	last    uint64        // the largest number in it
	txid    int           // of its last commit
	mark    []byte        // that it left
	newest  boltfile.Meta // its newer meta page
	lists   []endList     // of ends
	touches []uint64      // numbers of the values of touches
	seqs    []uint64      // of the records, sorted; nil after Load
	touched []entry.Touch // that were read, and are not applied yet
	seal    seal          // what the mark says of the file
	newer   error         // error of a frame in a newer format; nil: there is none
	db      *bbolt.DB     // open until Release; nil: there is no file
}

type RawValue struct {
	Key   record.Key
	Value string
}

// Limits bound what Load keeps in memory.
type Limits struct {
	Memory int64 // bytes that there are for the file; 0: no limit
	Ends   int   // DeadEnds, which are fewer than twice as many: the newest; 0: no limit
}

// Load reads a session file without changing it, and holds bbolt's lock on it until
// Release. A file that does not exist counts as empty. For a damaged file it returns
// an empty Loaded together with ErrDamaged. Other errors: ErrInUse, ErrForeign,
// ErrNewerFormat, ErrMemory, or the disk's.
func Load(ctx context.Context, path, bucket string, wait time.Duration, limits Limits) (*Loaded, error) {
	// Some file systems give a folder the size of a damaged file, and a pipe never opens.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("session file %q is not a regular file (%s); move it away or choose another folder", path, info.Mode().Type())
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return &Loaded{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	l := &Loaded{ctx: ctx, limits: limits}
	if err := l.read(f, bucket, wait); err != nil {
		err = fmt.Errorf("read session file %q: %w", path, err)
		if errors.Is(err, ErrDamaged) {
			return &Loaded{db: l.db}, err
		}
		l.Release()
		return nil, err
	}
	l.seqs, l.touched = nil, nil
	return l, nil
}

// EntriesBetweenLooks is how often a start that goes through entries looks whether
// it has to stop: every millisecond or so.
const EntriesBetweenLooks = 1024

// Release gives up bbolt's lock. On Windows that has to happen before the file is
// replaced.
func (l *Loaded) Release() {
	if l.db != nil {
		_ = l.db.Close() // nothing was written
		l.db = nil
	}
}

// read reads the file with bbolt, read-only, which needs no freelist. It takes
// bbolt's lock before it verifies the file, because a file that is being written
// looks damaged. If bbolt panics although verify found nothing, the file is damaged
// too.
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
	newest, err := boltfile.Verify(l.ctx, f)
	if err != nil {
		return err
	}
	l.newest = newest
	err = l.db.View(func(tx *bbolt.Tx) error { return l.readFrom(tx, bucket) })
	if errors.Is(err, ErrForeign) && holdsFrames(f, int64(newest.PageSize)) {
		return fmt.Errorf("%w: %v", ErrDamaged, err) // a page of ours in the place of another
	}
	return err
}

// notOpened tells a damaged file from one that bbolt failed to open for another
// reason.
func notOpened(f *os.File, err error) error {
	var errno syscall.Errno
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return inUse(f.Name(), "")
	case errors.As(err, &errno):
		return err
	}
	if _, damage := boltfile.Verify(context.Background(), f); damage != nil {
		return damage
	}
	return err
}

func (l *Loaded) readFrom(tx *bbolt.Tx, bucket string) error {
	l.txid = tx.ID()
	err := tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if string(name) != bucket {
			return fmt.Errorf("%w, bucket %q; give the sessions a file of their own", ErrForeign, name)
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
	if err := enoughMemory(root.Bucket(recordsBucket), l.limits.Memory); err != nil {
		return err
	}
	if err := l.readOwn(root, uint64(tx.ID())); err != nil {
		return err
	}
	if err := l.readRaw(root); err != nil {
		return err
	}
	if l.Mark == nil && len(l.Raw) == 0 {
		// Either an empty file of Fiber's own driver, which loses nothing when it is
		// moved aside, or a file of ours that has lost its root.
		return fmt.Errorf("%w: it holds no values and no mark", ErrDamaged)
	}
	return nil
}

// readOwn reads the buckets of a file that has a mark, and compares their content
// with the mark's seal. If they differ, it is unknown what is missing, and it may be
// the end of a session.
func (l *Loaded) readOwn(root *bbolt.Bucket, txid uint64) error {
	for _, name := range buckets() {
		switch there := root.Bucket(name) != nil; {
		case there && l.Mark == nil:
			return fmt.Errorf("%w: it has sessions but no clock mark", ErrDamaged)
		case !there && l.Mark != nil:
			return fmt.Errorf("%w: bucket %q is missing", ErrDamaged, name)
		}
	}
	if l.Mark == nil {
		return nil
	}
	sum := l.readRecords(root.Bucket(recordsBucket))
	sum += l.each(root.Bucket(touchesBucket), l.readTouches)
	l.touch()
	sum += l.each(root.Bucket(endsBucket), l.readEnds)
	if err := cmp.Or(l.ctx.Err(), l.newer); err != nil {
		return err
	}
	if !l.seal.fits(sum, txid) && !l.returned(sum, txid) {
		return fmt.Errorf("%w: entries are missing or out of place", ErrDamaged)
	}
	return l.endBefore()
}

// returned reports whether Fiber's own driver has written the file since this package
// did. The driver leaves our buckets as they were, and writes a list of free pages,
// which this package never does. That list tells its commit from a page of ours that
// the disk lost.
func (l *Loaded) returned(sum digest, txid uint64) bool {
	return sum == l.seal.digest && txid > l.seal.txid && l.newest.Free != boltfile.NoFreelist
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
		// Without the mark, the time since the last commit is unknown, so no session
		// may live on.
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	l.Mark, l.seal, l.Backup, l.mark = &m, seal, seal.backup, bytes.Clone(b.Get(markKey))
	for _, e := range seal.ended {
		l.last = max(l.last, e.seq) // no entry may get a number that has ended
	}
	return nil
}

// each calls read for every value of a bucket of lists, and returns the bucket's digest. It
// counts values that are not frames under a sequence number as broken.
func (l *Loaded) each(b *bbolt.Bucket, read func(seq uint64, v []byte) error) (sum digest) {
	_ = b.ForEach(func(k, v []byte) error {
		if l.ctx.Err() != nil {
			return l.ctx.Err() // readOwn looks again
		}
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

// readTouches moves the records' last uses on. A touch may name a number that is
// gone, because its record was rewritten later.
func (l *Loaded) readTouches(seq uint64, v []byte) error {
	l.last, l.touches = max(l.last, seq), append(l.touches, seq)
	err := decodeTouches(v, func(t entry.Touch) { l.touched = append(l.touched, t) })
	if len(l.touched) >= touchesAtOnce {
		l.touch()
	}
	return err
}

func (l *Loaded) readEnds(seq uint64, v []byte) error {
	list := endList{seq: seq}
	err := decodeEnds(v, func(e entry.End) {
		l.Ends = append(l.Ends, e)
		list.at, list.n = max(list.at, e.At), list.n+1
	})
	l.last, l.lists = max(l.last, seq), append(l.lists, list)
	return err
}

// readRaw reads what Fiber's own driver wrote: values beside our buckets.
func (l *Loaded) readRaw(root *bbolt.Bucket) error {
	return root.ForEach(func(k, v []byte) error {
		if len(l.Raw)%EntriesBetweenLooks == 0 && l.ctx.Err() != nil {
			return l.ctx.Err()
		}
		switch {
		case v != nil && (isFrame(v) || isOwnBucket(k)):
			return fmt.Errorf("%w: an entry is outside its bucket", ErrDamaged)
		case v != nil:
			l.Raw = append(l.Raw, RawValue{record.KeyOf(string(k)), string(v)})
		case !isOwnBucket(k):
			return fmt.Errorf("%w, bucket %q; give the sessions a file of their own", ErrForeign, k)
		}
		return nil
	})
}
